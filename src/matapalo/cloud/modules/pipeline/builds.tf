resource "aws_codebuild_project" "this" {
  #checkov:skip=CKV_AWS_316:Only where images are built, which Docker does nowhere else.
  for_each = var.projects

  name           = "${var.name}-${each.key}"
  description    = each.value.description
  service_role   = "arn:${data.aws_partition.this.partition}:iam::${local.account}:role/${each.value.role}"
  encryption_key = aws_kms_key.this.arn
  build_timeout  = each.value.minutes

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type            = "ARM_CONTAINER"
    image           = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
    compute_type    = "BUILD_GENERAL1_SMALL"
    privileged_mode = each.value.docker

    dynamic "environment_variable" {
      for_each = each.value.environment

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  logs_config {
    cloudwatch_logs {
      group_name  = aws_cloudwatch_log_group.this.name
      stream_name = each.key
    }
  }

  depends_on = [aws_iam_role_policy.builds]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:How long logs are kept is the blueprint's choice.
  name              = local.log_group
  retention_in_days = var.log_retention
  kms_key_id        = aws_kms_key.this.arn
}
