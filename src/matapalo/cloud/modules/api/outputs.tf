output "id" {
  description = "The API's id."
  value       = aws_apigatewayv2_api.this.id
}

output "endpoint" {
  description = "Where it answers, by API Gateway's own name."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "domain" {
  description = "The host of the endpoint: CloudFront's origin."
  value       = trimprefix(aws_apigatewayv2_api.this.api_endpoint, "https://")
}

output "execution_arn" {
  description = "What callers of functions are named by."
  value       = aws_apigatewayv2_api.this.execution_arn
}
