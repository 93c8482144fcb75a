# A rule whose events reach the API, with a queue for those that do not.

resource "aws_cloudwatch_event_rule" "created" {
  name          = "orders-created"
  event_pattern = jsonencode({ source = ["shop"], detail-type = ["OrderCreated"] })
}

resource "aws_cloudwatch_event_target" "created" {
  rule     = aws_cloudwatch_event_rule.created.name
  arn      = private_api_invocation.orders.api_destinations["orders-created"].arn
  role_arn = aws_iam_role.rule.arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

resource "aws_iam_role" "rule" {
  name = "orders-rule"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "rule" {
  role = aws_iam_role.rule.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:InvokeApiDestination"
      Resource = [for destination in private_api_invocation.orders.api_destinations : destination.arn]
    }]
  })
}

resource "aws_sqs_queue" "undelivered" {
  name = "orders-undelivered"
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.undelivered.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.created.arn } }
    }]
  })
}
