#!/bin/sh
# Runs $DEFINITION on the local AWS of $AWS_ENDPOINT_URL, and writes what came of it to the file $1: the status, the output,
# and the paths that reached the API. An execution that does not succeed fails the script.
set -eu
# `sync-` before the host is for AWS only.
export AWS_DISABLE_HOST_PREFIX_INJECTION=true
# Version 1 of the AWS CLI knows this name only.
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-$AWS_REGION}"

name="orders-$$"
if [ "$FAULTS" -gt 0 ]; then
  curl -fsS -o /dev/null -H 'content-type: application/json' "$AWS_ENDPOINT_URL/_local/faults" -d \
    "{\"service\": \"execute-api\", \"operation\": \"Invoke\", \"count\": $FAULTS, \"effect\": {\"error\": {\"status\": 503}}}"
fi
seen=$(curl -fsS "$AWS_ENDPOINT_URL/_local/requests" | jq 'map(.number) | max // 0')
machine=$(aws stepfunctions create-state-machine --name "$name" --role-arn "$ROLE_ARN" --definition "$DEFINITION" \
  --query stateMachineArn --output text)
execution=$(aws stepfunctions start-execution --state-machine-arn "$machine" --query executionArn --output text)
while [ "$(aws stepfunctions describe-execution --execution-arn "$execution" --query status --output text)" = RUNNING ]; do
  sleep 0.2
done
aws stepfunctions describe-execution --execution-arn "$execution" --output json > "$1.execution"
curl -fsS "$AWS_ENDPOINT_URL/_local/requests?since=$seen" | jq 'map(.path)' > "$1.paths"
aws stepfunctions delete-state-machine --state-machine-arn "$machine"
if [ "$(jq -r .status "$1.execution")" != SUCCEEDED ]; then
  jq . "$1.execution" >&2
  exit 1
fi
jq --slurpfile paths "$1.paths" '{status, output, reached: $paths[0]}' "$1.execution" > "$1"
rm "$1.execution" "$1.paths"
