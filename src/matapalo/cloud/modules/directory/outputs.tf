output "id" {
  description = "The directory (`d-…`), which Identity Center is told to take people from."
  value       = aws_directory_service_directory.this.id
}
