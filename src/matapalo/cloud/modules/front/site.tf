resource "aws_s3_bucket" "site" {
  #checkov:skip=CKV_AWS_144:What is here is built anew from the sources at any time.
  #checkov:skip=CKV_AWS_18:Nobody but CloudFront reads it, and CloudFront keeps a log.
  #checkov:skip=CKV2_AWS_62:Nobody waits for its changes.
  #checkov:skip=CKV2_AWS_6:The module closed_site sees to it; checkov does not follow a module that is counted.
  #checkov:skip=CKV2_AWS_61:As above.
  #checkov:skip=CKV_AWS_145:As above.
  #checkov:skip=CKV_AWS_21:As above.
  count = local.site ? 1 : 0

  bucket        = var.site.bucket
  force_destroy = !var.protected
}

module "closed_site" {
  source = "../closed-bucket"
  count  = local.site ? 1 : 0

  bucket   = aws_s3_bucket.site[0].id
  key_arn  = var.key_arn
  policies = [data.aws_iam_policy_document.site[0].json]
}

data "aws_iam_policy_document" "site" {
  count = local.site ? 1 : 0

  statement {
    sid       = "CloudFrontReads"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site[0].arn}/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }

  # Who may not list a bucket is told 403 of a file that is not there; a browser has to read 404. The
  # list itself is out of reach: no path becomes the bucket's root, and no query comes this far.
  statement {
    sid       = "CloudFrontKnowsWhatIsMissing"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.site[0].arn]
    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }
}

resource "aws_cloudfront_origin_access_control" "site" {
  count = local.site ? 1 : 0

  name                              = "${var.name}-site"
  description                       = "CloudFront signs what it asks of the site's bucket."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"

  # The distribution lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_response_headers_policy" "site" {
  #checkov:skip=CKV_AWS_259:It is enforced; the browsers' list of preloaded names is a promise for a whole domain, which a person gives.
  count = local.site ? 1 : 0

  name    = "${var.name}-site"
  comment = "What browsers are told about the site's pages."

  security_headers_config {
    content_security_policy {
      content_security_policy = var.content_security_policy
      override                = false
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = false
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = false
    }

    strict_transport_security {
      access_control_max_age_sec = 365 * 24 * 3600
      include_subdomains         = true
      override                   = true
      preload                    = false
    }
  }

  # The distribution lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

# From the path that a browser asks for to the file in the bucket.
resource "aws_cloudfront_function" "site" {
  count = local.site ? 1 : 0

  name    = "${var.name}-site"
  comment = "From a path to a file: folders have an index."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = <<-EOT
    var BEGIN = ${jsonencode(trimsuffix(var.site.path, "/"))};
    var INDEX = ${jsonencode("/${var.site.index}")};
    var SPA = ${jsonencode(var.site.spa)};

    function handler(event) {
      var request = event.request;
      var path = request.uri;
      if (path === BEGIN && BEGIN !== '') {
        return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: BEGIN + '/' } } };
      }
      if (SPA && path.slice(path.lastIndexOf('/')).indexOf('.') < 0) {
        request.uri = BEGIN + INDEX;
      } else if (path.endsWith('/')) {
        request.uri = path.slice(0, -1) + INDEX;
      }
      return request;
    }
  EOT

  # The distribution lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}
