# The private API: an endpoint of its own in the VPC, and a REST API that only this endpoint reaches.

resource "aws_security_group" "endpoint" {
  name        = "execute-api-endpoint"
  description = "VPC endpoint for execute-api"
  vpc_id      = var.vpc_id

  # No ingress { } blocks: they would remove the rule that private_api_invocation adds for its gateway.
}

resource "aws_vpc_endpoint" "execute_api" {
  vpc_id              = var.vpc_id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.execute-api"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.endpoint.id]
  private_dns_enabled = false # the invocation does not need it

  # The old one stays until the invocation has moved.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  operation = {
    security  = [{ api_key = [] }]
    responses = { "200" = { description = "Taken" } }
    "x-amazon-apigateway-integration" = {
      type             = "mock"
      requestTemplates = { "application/json" = jsonencode({ statusCode = 200 }) }
      responses = {
        default = {
          statusCode        = "200"
          responseTemplates = { "application/json" = jsonencode({ taken = true }) }
        }
      }
    }
  }
}

resource "aws_api_gateway_rest_api" "orders" {
  name = "orders"

  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = [aws_vpc_endpoint.execute_api.id]
  }

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "orders", version = "1" }
    paths = {
      "/orders" = { post = local.operation }
      "/health" = { get = local.operation }
    }
    components = {
      securitySchemes = {
        api_key = { type = "apiKey", name = "x-api-key", in = "header" }
      }
    }
  })
}

# A new policy holds from the next deployment on, hence the trigger below.
resource "aws_api_gateway_rest_api_policy" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.orders.execution_arn}/*"
      Condition = { StringEquals = { "aws:SourceVpce" = aws_vpc_endpoint.execute_api.id } }
    }]
  })
}

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id

  triggers = {
    redeployment = sha1(jsonencode([aws_api_gateway_rest_api.orders.body, aws_api_gateway_rest_api_policy.orders.policy]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  deployment_id = aws_api_gateway_deployment.orders.id
  stage_name    = "prod"
}

resource "aws_api_gateway_usage_plan" "callers" {
  name = "orders-callers"

  api_stages {
    api_id = aws_api_gateway_rest_api.orders.id
    stage  = aws_api_gateway_stage.prod.stage_name
  }
}

resource "aws_api_gateway_usage_plan_key" "callers" {
  usage_plan_id = aws_api_gateway_usage_plan.callers.id
  key_id        = var.api_key_id
  key_type      = "API_KEY"
}
