locals {
  door = "$request.header.x-matapalo-door"

  # What an authorizer is: what has to be shown before it is asked at all, and how long its answer
  # counts. Without the word of the door nobody comes in, nor costs anything.
  authorizers = var.authorizer == null ? {} : {
    login    = { sources = concat([local.door], var.authorizer.sources), keep = var.authorizer.keep }
    optional = { sources = [local.door], keep = 0 }
    public   = { sources = [local.door], keep = 3600 }
  }

  # One integration a target, and one more where the caller is known by name.
  integrations = {
    for pair in distinct([for route in var.routes : { target = route.target, known = route.login != "public" }]) :
    "${pair.target}${pair.known ? "" : " public"}" => merge(var.targets[pair.target], pair)
  }
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = var.description
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    # Without the query: it may hold what nobody should read in a log.
    format = jsonencode({
      time        = "$context.requestTime"
      request     = "$context.requestId"
      client      = "$context.identity.sourceIp"
      method      = "$context.httpMethod"
      path        = "$context.path"
      route       = "$context.routeKey"
      status      = "$context.status"
      sent        = "$context.responseLength"
      ms          = "$context.responseLatency"
      upstream_ms = "$context.integrationLatency"
      user        = "$context.authorizer.user"
      trouble     = "$context.error.message"
      upstream    = "$context.integrationErrorMessage"
      asked       = "$context.authorizer.error"
    })
  }

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttle.rate
    throttling_burst_limit   = var.throttle.burst
  }
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:Every route has an authorizer, those of the public too; none only where the blueprint has no security system.
  for_each = var.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this["${each.value.target}${each.value.login == "public" ? " public" : ""}"].id}"
  authorization_type = var.authorizer == null ? "NONE" : "CUSTOM"
  authorizer_id      = var.authorizer == null ? null : aws_apigatewayv2_authorizer.this[each.value.login].id
}

resource "aws_apigatewayv2_authorizer" "this" {
  for_each = local.authorizers

  api_id                            = aws_apigatewayv2_api.this.id
  name                              = each.key
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = var.authorizer.invoke_arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = each.value.sources
  authorizer_result_ttl_in_seconds  = each.value.keep
}

resource "aws_lambda_permission" "authorizer" {
  count = var.authorizer == null ? 0 : 1

  statement_id  = "ApiGatewayAsks"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/*"
}

resource "aws_lambda_permission" "target" {
  for_each = { for name, target in var.targets : name => target if target.kind == "function" }

  statement_id  = aws_apigatewayv2_api.this.name
  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  qualifier     = each.value.qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
