locals {
  linked = { for name, each in local.integrations : name => each if contains(["edge", "balancer"], each.kind) }
}

resource "aws_apigatewayv2_vpc_link" "this" {
  count = var.link == null ? 0 : 1

  name               = var.name
  subnet_ids         = var.link.subnet_ids
  security_group_ids = var.link.security_group_ids
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.integrations

  api_id                 = aws_apigatewayv2_api.this.id
  description            = each.key
  integration_type       = each.value.kind == "function" ? "AWS_PROXY" : "HTTP_PROXY"
  integration_method     = each.value.kind == "function" ? "POST" : "ANY"
  payload_format_version = each.value.kind == "function" ? "2.0" : "1.0"
  timeout_milliseconds   = each.value.timeout * 1000
  connection_type        = contains(keys(local.linked), each.key) ? "VPC_LINK" : "INTERNET"
  connection_id          = contains(keys(local.linked), each.key) ? aws_apigatewayv2_vpc_link.this[0].id : null

  integration_uri = (
    each.value.kind == "function" ? each.value.invoke_arn :
    each.value.kind == "http" ? each.value.url : var.listener_arn
  )

  # Functions are told who called by the event. Everybody else by a header, which no caller sets: it is
  # written over, or taken away. The edge finds out by itself.
  request_parameters = each.value.kind == "function" ? null : merge(
    { "overwrite:path" = each.value.kind == "http" ? "${replace(each.value.url, "/^https?://[^/]+/", "")}$request.path" : "$request.path" },
    { "remove:header.x-matapalo-door" = "''" },
    each.value.kind == "balancer" ? { "overwrite:header.x-matapalo-target" = each.value.target } : { "remove:header.x-matapalo-target" = "''" },
    each.value.known && each.value.kind != "edge" && var.authorizer != null ? { "overwrite:header.x-matapalo-user" = "$context.authorizer.user" } : { "remove:header.x-matapalo-user" = "''" },
  )

  dynamic "tls_config" {
    for_each = contains(keys(local.linked), each.key) && var.server_name != null ? [var.server_name] : []
    content {
      server_name_to_verify = tls_config.value
    }
  }

  # Routes lead elsewhere before it goes: API Gateway keeps an integration that a route has.
  lifecycle {
    create_before_destroy = true
  }
}
