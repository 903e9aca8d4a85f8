resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  #checkov:skip=CKV_AWS_158:Encrypted by CloudWatch's own key: keys of ours are in the environment's region, this log is in us-east-1.
  count = var.access_logs ? 1 : 0

  provider          = aws.us_east_1
  name              = "/aws/cloudfront/${var.name}"
  retention_in_days = var.log_retention
}

resource "aws_cloudwatch_log_delivery_source" "access" {
  count = var.access_logs ? 1 : 0

  provider     = aws.us_east_1
  name         = var.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "access" {
  count = var.access_logs ? 1 : 0

  provider      = aws.us_east_1
  name          = var.name
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.access[0].arn
  }
}

resource "aws_cloudwatch_log_delivery" "access" {
  count = var.access_logs ? 1 : 0

  provider                 = aws.us_east_1
  delivery_source_name     = aws_cloudwatch_log_delivery_source.access[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.access[0].arn
}
