locals {
  # In this order: what is certain first, what costs most last.
  groups = {
    AWSManagedRulesAmazonIpReputationList = 20
    AWSManagedRulesKnownBadInputsRuleSet  = 21
    AWSManagedRulesCommonRuleSet          = 22
    AWSManagedRulesSQLiRuleSet            = 23
  }
}

resource "aws_wafv2_ip_set" "blocked" {
  for_each = {
    for version, addresses in {
      IPV4 = [for cidr in var.blocked : cidr if !strcontains(cidr, ":")]
      IPV6 = [for cidr in var.blocked : cidr if strcontains(cidr, ":")]
    } : version => addresses if length(addresses) > 0
  }

  name               = "${var.name}-blocked-${lower(each.key)}"
  scope              = var.scope
  ip_address_version = each.key
  addresses          = each.value

  # The firewall lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWSManagedRulesKnownBadInputsRuleSet is among the groups, unless the blueprint says otherwise.
  name        = var.name
  description = "What is kept out of ${var.name}."
  scope       = var.scope

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = { for index, version in ["IPV4", "IPV6"] : version => index if contains(keys(aws_wafv2_ip_set.blocked), version) }
    content {
      name     = "blocked-${lower(rule.key)}"
      priority = rule.value

      action {
        block {}
      }

      statement {
        ip_set_reference_statement {
          arn = aws_wafv2_ip_set.blocked[rule.key].arn

          dynamic "ip_set_forwarded_ip_config" {
            for_each = var.client_header != null ? [1] : []
            content {
              header_name       = var.client_header
              fallback_behavior = "NO_MATCH"
              position          = "FIRST"
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-blocked-${lower(rule.key)}"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.countries) > 0 ? [1] : []
    content {
      name     = "countries"
      priority = 2

      action {
        block {}
      }

      statement {
        not_statement {
          statement {
            geo_match_statement {
              country_codes = var.countries

              dynamic "forwarded_ip_config" {
                for_each = var.client_header != null ? [1] : []
                content {
                  header_name       = var.client_header
                  fallback_behavior = "MATCH"
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-countries"
        sampled_requests_enabled   = true
      }
    }
  }

  # Nobody outside can name such a host: API Gateway answers to its own names only.
  dynamic "rule" {
    for_each = var.inside == null ? [] : [var.inside]
    content {
      name     = "inside"
      priority = 3

      action {
        allow {}
      }

      statement {
        byte_match_statement {
          positional_constraint = "ENDS_WITH"
          search_string         = rule.value

          field_to_match {
            single_header {
              name = "host"
            }
          }

          text_transformation {
            priority = 0
            type     = "LOWERCASE"
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-inside"
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = { for index, path in var.closed : path => index }
    content {
      name     = "closed${replace(rule.key, "/[^A-Za-z0-9]/", "-")}"
      priority = 100 + rule.value

      action {
        block {
          custom_response {
            response_code = 404
          }
        }
      }

      statement {
        regex_match_statement {
          regex_string = "^${replace(lower(rule.key), "/([.+*?^$()\\[\\]{}|\\\\])/", "\\$1")}(/|$)"

          field_to_match {
            uri_path {}
          }

          # However it is spelled, it is the same path to whoever answers.
          text_transformation {
            priority = 0
            type     = "URL_DECODE"
          }

          text_transformation {
            priority = 1
            type     = "NORMALIZE_PATH"
          }

          text_transformation {
            priority = 2
            type     = "LOWERCASE"
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-closed"
        sampled_requests_enabled   = true
      }
    }
  }

  rule {
    name     = "rate"
    priority = 10

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit              = var.rate
        aggregate_key_type = var.client_header != null ? "FORWARDED_IP" : "IP"

        dynamic "forwarded_ip_config" {
          for_each = var.client_header != null ? [1] : []
          content {
            header_name       = var.client_header
            fallback_behavior = "MATCH"
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-rate"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = var.managed ? local.groups : {}
    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"

          # It refuses bodies over 8 KiB; where the application takes longer ones, the edge and API
          # Gateway bound them.
          dynamic "rule_action_override" {
            for_each = rule.key == "AWSManagedRulesCommonRuleSet" && var.long_bodies ? ["SizeRestrictions_BODY"] : []
            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  #checkov:skip=CKV_AWS_158:Encrypted with a key of ours where there is one in the firewall's region; by CloudWatch's own in us-east-1 for an environment that is elsewhere.
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  # A log is no place for what proves who somebody is.
  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  redacted_fields {
    single_header {
      name = "x-matapalo-door"
    }
  }

  # What passed is in the access logs; here is what did not.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
