output "arn" {
  description = "The table."
  value       = aws_dynamodb_table.this.arn
}

output "id" {
  description = "The table's name."
  value       = aws_dynamodb_table.this.name
}

output "stream_arn" {
  description = "The stream of its changes; null where they are not followed."
  value       = var.changes ? aws_dynamodb_table.this.stream_arn : null
}

output "statements" {
  description = "What a role needs to read and write items: statements of a policy."
  value = concat([
    {
      sid = "Items"
      actions = [
        "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
        "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
      ]
      resources  = concat([aws_dynamodb_table.this.arn], [for name in keys(var.indexes) : "${aws_dynamodb_table.this.arn}/index/${name}"])
      conditions = []
    },
    {
      sid       = "ItemsKey"
      actions   = ["kms:Decrypt", "kms:DescribeKey"]
      resources = [var.key_arn]
      conditions = [{
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["dynamodb.${data.aws_region.this.name}.amazonaws.com"]
      }]
    },
    ], var.changes ? [{
      sid        = "Changes"
      actions    = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      resources  = [aws_dynamodb_table.this.stream_arn]
      conditions = []
  }] : [])
}
