"""The table of what was seen: operations by cases, with the clients that saw them."""

from collections import defaultdict

from model import error_code, judge, service_model

# Operations that cannot succeed here, with the reason.
NEVER_GOOD = {
    ("vpc-lattice", "DeleteServiceNetworkResourceAssociation"): "only EventBridge makes associations, and its own "
    "cannot be deleted by callers",
}


class Report:
    def __init__(self, served):
        self.served = {(service, operation) for service, names in served.items() for operation in names}
        self.seen = defaultdict(set)  # (service, operation, case) -> clients
        self.judged = 0
        self.violations = []

    def take(self, exchanges):
        """Judges exchanges; gives what is wrong with them."""
        wrong = []
        for exchange in exchanges:
            verdict = judge(exchange)
            self.judged += 1
            self.seen[verdict.service, verdict.operation, verdict.case].add(exchange.client)
            where = f"{verdict.service} {verdict.operation} ({verdict.case}, {exchange.client})"
            wrong += [f"{where}: {violation}" for violation in verdict.violations]
        self.violations += wrong
        return wrong

    def modelled_errors(self, service, operation):
        """The codes of an operation's modelled errors."""
        return [error_code(shape) for shape in service_model(service).operation_model(operation).error_shapes]

    def missing(self):
        """Operations and cases that no client saw."""
        missing = []
        for service, operation in sorted(self.served):
            for client in ("boto3", "AWS CLI"):
                good = client in self.seen[service, operation, "good"]
                if not good and (service, operation) not in NEVER_GOOD:
                    missing.append(f"{service} {operation}: good ({client})")
            for code in self.modelled_errors(service, operation):
                if not self.seen[service, operation, code]:
                    missing.append(f"{service} {operation}: {code}")
        return missing

    def text(self):
        lines = ["# Conformance of local-aws with the botocore models", ""]
        lines += ["| operation | good | modelled errors | other errors |", "|---|---|---|---|"]
        for service, operation in sorted(self.served):
            modelled = self.modelled_errors(service, operation)
            cases = {case: clients for (s, o, case), clients in self.seen.items() if (s, o) == (service, operation)}
            good = NEVER_GOOD.get((service, operation)) or _clients(cases.get("good"))
            errors = "; ".join(f"{code}: {_clients(cases.get(code))}" for code in modelled)
            others = sorted(case for case, clients in cases.items() if clients and case not in {"good", *modelled})
            others = "; ".join(f"{code}: {_clients(cases[code])}" for code in others)
            lines.append(f"| {service} {operation} | {good} | {errors} | {others} |")
        lines += ["", f"Operations: {len(self.served)}. Answers judged: {self.judged}. "
                  f"Violations of the models: {len(self.violations)}. Not seen: {len(self.missing())}."]
        lines += [f"- {line}" for line in self.violations + [f"not seen: {one}" for one in self.missing()]]
        return "\n".join(lines) + "\n"


def _clients(clients):
    return ", ".join(sorted(clients)) if clients else "–"
