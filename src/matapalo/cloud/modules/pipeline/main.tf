data "aws_partition" "this" {}

data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  region    = data.aws_region.this.name
  log_group = "/aws/codebuild/${var.name}"
}

resource "aws_codepipeline" "this" {
  for_each = var.pipelines

  name           = "${var.name}-${each.key}"
  role_arn       = aws_iam_role.this[each.key].arn
  pipeline_type  = "V2"
  execution_mode = each.value.queued ? "QUEUED" : "SUPERSEDED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.this.id

    encryption_key {
      id   = aws_kms_key.this.arn
      type = "KMS"
    }
  }

  dynamic "trigger" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      provider_type = "CodeStarSourceConnection"

      git_configuration {
        source_action_name = "source"

        push {
          branches {
            includes = [var.branch]
          }

          file_paths {
            includes = trigger.value
          }
        }
      }
    }
  }

  stage {
    name = "source"

    action {
      name             = "source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = var.connection_arn
        FullRepositoryId = var.repository
        BranchName       = var.branch
        DetectChanges    = "false" # The trigger does, by paths.
      }
    }
  }

  dynamic "stage" {
    for_each = each.value.stages

    content {
      name = stage.value.name

      dynamic "action" {
        for_each = stage.value.actions

        content {
          name             = action.value.name
          category         = action.value.project == null ? "Approval" : "Build"
          owner            = "AWS"
          provider         = action.value.project == null ? "Manual" : "CodeBuild"
          version          = "1"
          run_order        = action.value.order
          input_artifacts  = action.value.project == null ? null : concat(["source"], action.value.inputs)
          output_artifacts = action.value.outputs

          configuration = action.value.project == null ? {
            CustomData = "${each.key}, ${stage.value.name}: what the builds before it say is what will be done."
            } : {
            ProjectName   = aws_codebuild_project.this[action.value.project].name
            PrimarySource = "source"
            EnvironmentVariables = jsonencode([
              for name, value in action.value.environment : { name = name, value = value, type = "PLAINTEXT" }
            ])
          }
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_scheduler_schedule" "this" {
  for_each = { for name, it in var.pipelines : name => it.schedule if it.schedule != null }

  name                         = "${var.name}-${each.key}"
  schedule_expression          = each.value
  schedule_expression_timezone = "UTC"
  kms_key_arn                  = aws_kms_key.this.arn

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_codepipeline.this[each.key].arn
    role_arn = aws_iam_role.schedule[each.key].arn
  }
}
