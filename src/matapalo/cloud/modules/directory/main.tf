# AWS takes the password with the connector and Terraform keeps what it sent: this root's state holds
# it, encrypted, and nobody but this account reads that state. Give the user no other right than to
# look people up.
data "aws_secretsmanager_secret_version" "password" {
  secret_id = var.password_secret
}

resource "aws_directory_service_directory" "this" {
  name     = var.domain
  type     = "ADConnector"
  size     = "Small"
  password = data.aws_secretsmanager_secret_version.password.secret_string

  connect_settings {
    vpc_id            = var.vpc_id
    subnet_ids        = var.subnet_ids
    customer_dns_ips  = var.servers
    customer_username = var.user
  }
}
