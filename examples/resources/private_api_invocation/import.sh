# By the name of the invocation, which is that of its EventBridge connection
terraform import private_api_invocation.orders orders

# The same in another Region than the provider's
terraform import private_api_invocation.orders orders@eu-central-1

# By the ARN of the connection
terraform import private_api_invocation.orders arn:aws:events:eu-central-1:123456789012:connection/orders/01234567-89ab-cdef-0123-456789abcdef
