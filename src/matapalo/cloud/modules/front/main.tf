locals {
  # Policies of AWS's own; their ids are the same everywhere.
  caching_optimized          = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  caching_disabled           = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  all_viewer_but_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

  site     = var.site != null
  root     = try(var.site.path, null) == "/"
  patterns = local.site ? (local.root ? var.api_paths : [var.site.path]) : []
  ordered  = flatten([for path in local.patterns : [path, "${path}/*"]])

  # What stands where nobody else is named, and what the patterns name.
  default_target = local.root ? "site" : "api"
  ordered_target = local.root ? "api" : "site"
  targets = {
    api = {
      methods  = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cache    = local.caching_disabled
      origin   = local.all_viewer_but_host_header
      headers  = null
      function = aws_cloudfront_function.api.arn
    }
    site = {
      methods  = ["GET", "HEAD", "OPTIONS"]
      cache    = local.caching_optimized
      origin   = null
      headers  = local.site ? aws_cloudfront_response_headers_policy.site[0].id : null
      function = local.site ? aws_cloudfront_function.site[0].arn : null
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86:Access logs go to CloudWatch by a delivery of their own, see logs.tf; the older way needs a bucket with lists of rights.
  #checkov:skip=CKV_AWS_174:TLS 1.2 at least wherever the names are ours; on CloudFront's own name its version cannot be chosen.
  #checkov:skip=CKV2_AWS_42:As above.
  #checkov:skip=CKV_AWS_310:The site has one origin, S3, which lies over three zones by itself.
  #checkov:skip=CKV_AWS_305:The index is answered by the function of the site, at the site's path.
  #checkov:skip=CKV_AWS_374:Countries are the firewall's, and here too where the blueprint names some.
  #checkov:skip=CKV2_AWS_32:Pages get headers by a policy; the API's answers are its own.
  #checkov:skip=CKV2_AWS_47:The firewall's groups hold AWSManagedRulesKnownBadInputsRuleSet; it is given by its ARN.
  enabled         = true
  comment         = var.name
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  web_acl_id      = var.firewall_arn
  aliases         = sort(var.aliases)

  origin {
    origin_id   = "api"
    domain_name = var.api_domain

    custom_header {
      name  = "x-matapalo-door"
      value = var.door
    }

    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 60
    }
  }

  dynamic "origin" {
    for_each = local.site ? [1] : []
    content {
      origin_id                = "site"
      domain_name              = aws_s3_bucket.site[0].bucket_regional_domain_name
      origin_access_control_id = aws_cloudfront_origin_access_control.site[0].id
    }
  }

  default_cache_behavior {
    target_origin_id           = local.default_target
    allowed_methods            = local.targets[local.default_target].methods
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local.targets[local.default_target].cache
    origin_request_policy_id   = local.targets[local.default_target].origin
    response_headers_policy_id = local.targets[local.default_target].headers
    viewer_protocol_policy     = "redirect-to-https"
    compress                   = true

    function_association {
      event_type   = "viewer-request"
      function_arn = local.targets[local.default_target].function
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.ordered
    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = local.ordered_target
      allowed_methods            = local.targets[local.ordered_target].methods
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = local.targets[local.ordered_target].cache
      origin_request_policy_id   = local.targets[local.ordered_target].origin
      response_headers_policy_id = local.targets[local.ordered_target].headers
      viewer_protocol_policy     = "redirect-to-https"
      compress                   = true

      function_association {
        event_type   = "viewer-request"
        function_arn = local.targets[local.ordered_target].function
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.countries) > 0 ? "whitelist" : "none"
      locations        = var.countries
    }
  }

  viewer_certificate {
    acm_certificate_arn            = var.certificate_arn
    cloudfront_default_certificate = var.certificate_arn == null
    minimum_protocol_version       = var.certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
  }

  lifecycle {
    precondition {
      condition     = length(var.aliases) == 0 || var.certificate_arn != null
      error_message = "Names of our own need a certificate."
    }
  }
}

# Who a caller is and where he goes is decided behind this door; nobody may say it before.
resource "aws_cloudfront_function" "api" {
  name    = "${var.name}-api"
  comment = "Takes away headers that only the system may set, and names the caller's address."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = <<-EOT
    function handler(event) {
      var request = event.request;
      Object.keys(request.headers).forEach(function (name) {
        if (name.replace(/_/g, '-').indexOf('x-matapalo-') === 0) {
          delete request.headers[name];
        }
      });
      request.headers['x-matapalo-client'] = { value: event.viewer.ip };
      return request;
    }
  EOT

  # The distribution lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}
