# Functions begin by way of it, and find the values of their secrets in their environment.
resource "aws_lambda_layer_version" "this" {
  layer_name               = "${replace(var.prefix, "/", "-")}-secrets"
  description              = "Puts the values of secrets into a function's variables."
  filename                 = var.layer_package
  source_code_hash         = filebase64sha256(var.layer_package)
  compatible_architectures = ["arm64", "x86_64"]
}
