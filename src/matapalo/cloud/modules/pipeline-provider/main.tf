# GitHub says who a workflow is, by a token that lives for minutes. AWS checks GitHub's certificate by
# its own list of authorities.
resource "aws_iam_openid_connect_provider" "this" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}
