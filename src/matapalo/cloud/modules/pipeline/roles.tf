# Pipelines: each starts its own projects only.
resource "aws_iam_role" "this" {
  for_each = var.pipelines

  name               = substr("${var.name}-pipe-${each.key}", 0, 64)
  description        = "Runs the pipeline ${each.key}."
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json
}

resource "aws_iam_role" "schedule" {
  for_each = { for name, it in var.pipelines : name => it if it.schedule != null }

  name               = substr("${var.name}-time-${each.key}", 0, 64)
  description        = "Starts the pipeline ${each.key} when it is time."
  assume_role_policy = data.aws_iam_policy_document.trust["scheduler"].json
}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["codepipeline", "scheduler"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = var.pipelines

  name   = "pipeline"
  role   = aws_iam_role.this[each.key].id
  policy = data.aws_iam_policy_document.this[each.key].json
}

data "aws_iam_policy_document" "this" {
  for_each = var.pipelines

  source_policy_documents = [data.aws_iam_policy_document.artifacts.json]

  statement {
    sid       = "Source"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = [var.connection_arn]
  }

  statement {
    sid     = "Builds"
    actions = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
    resources = [
      for project in distinct(compact(flatten([for stage in each.value.stages : stage.actions[*].project]))) :
      aws_codebuild_project.this[project].arn
    ]
  }
}

resource "aws_iam_role_policy" "schedule" {
  for_each = aws_iam_role.schedule

  name = "start"
  role = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "codepipeline:StartPipelineExecution"
        Resource = aws_codepipeline.this[each.key].arn
      },
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.this.arn
      },
    ]
  })
}

# Builds: what every one needs beside what its role may do already.
resource "aws_iam_role_policy" "builds" {
  for_each = toset(values(var.projects)[*].role)

  name   = "build"
  role   = each.value
  policy = data.aws_iam_policy_document.builds.json
}

data "aws_iam_policy_document" "builds" {
  source_policy_documents = [data.aws_iam_policy_document.artifacts.json]

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }
}

data "aws_iam_policy_document" "artifacts" {
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]
  }

  statement {
    sid       = "ArtifactsBucket"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"]
    resources = [aws_s3_bucket.this.arn]
  }

  statement {
    sid       = "ArtifactsKey"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = [aws_kms_key.this.arn]
  }
}
