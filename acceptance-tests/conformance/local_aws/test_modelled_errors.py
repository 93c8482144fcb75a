"""Each modelled error of each operation comes to clients as the class that the model makes of it.

What local-aws has no reason for in any other test is injected by a fault rule.
"""

from inputs import least
from model import error_code, error_status, service_model


def test_every_modelled_error_is_understood(local, report, refuse):
    for service, operation in sorted(report.served):
        model = service_model(service).operation_model(operation)
        parameters = least(model.input_shape) if model.input_shape else {}
        for shape in model.error_shapes:
            code = error_code(shape)
            if report.seen[service, operation, code]:
                continue
            members = {name: value for name, value in least(shape).items() if name.lower() != "message"}
            injected = {"code": code, "message": "injected", "status": error_status(service, shape)}
            if members:
                injected["members"] = members
            local.inject(service, operation, {"error": injected})
            refuse(code, service, operation, **parameters)


def test_throttling_and_denials_have_each_services_own_code(local, refuse):
    for service, operation, throttled, denied in [
        ("ec2", "DescribeVpcs", "RequestLimitExceeded", "UnauthorizedOperation"),
        ("vpc-lattice", "ListResourceGateways", "ThrottlingException", "AccessDeniedException"),
        ("events", "ListConnections", "ThrottlingException", "AccessDeniedException"),
        ("sts", "GetCallerIdentity", "Throttling", "AccessDenied"),
    ]:
        local.inject(service, operation, {"throttle": True})
        local.inject(service, operation, {"access_denied": True})
        refuse(throttled, service, operation)
        refuse(denied, service, operation)
