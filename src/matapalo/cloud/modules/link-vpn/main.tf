resource "aws_customer_gateway" "this" {
  type       = "ipsec.1"
  ip_address = var.address
  bgp_asn    = var.asn

  tags = { Name = var.name }
}

resource "aws_vpn_connection" "this" {
  type                = "ipsec.1"
  vpn_gateway_id      = var.gateway_id
  customer_gateway_id = aws_customer_gateway.this.id
  static_routes_only  = length(var.static) > 0

  # The tunnels' keys are kept in Secrets Manager, and so in no state.
  preshared_key_storage = "SecretsManager"

  tunnel1_ike_versions                 = ["ikev2"]
  tunnel1_phase1_encryption_algorithms = ["AES256-GCM-16"]
  tunnel1_phase2_encryption_algorithms = ["AES256-GCM-16"]
  tunnel1_phase1_integrity_algorithms  = ["SHA2-256", "SHA2-384"]
  tunnel1_phase2_integrity_algorithms  = ["SHA2-256", "SHA2-384"]
  tunnel1_phase1_dh_group_numbers      = [19, 20, 21]
  tunnel1_phase2_dh_group_numbers      = [19, 20, 21]

  tunnel2_ike_versions                 = ["ikev2"]
  tunnel2_phase1_encryption_algorithms = ["AES256-GCM-16"]
  tunnel2_phase2_encryption_algorithms = ["AES256-GCM-16"]
  tunnel2_phase1_integrity_algorithms  = ["SHA2-256", "SHA2-384"]
  tunnel2_phase2_integrity_algorithms  = ["SHA2-256", "SHA2-384"]
  tunnel2_phase1_dh_group_numbers      = [19, 20, 21]
  tunnel2_phase2_dh_group_numbers      = [19, 20, 21]

  tags = { Name = var.name }
}

resource "aws_vpn_connection_route" "this" {
  for_each = var.static

  vpn_connection_id      = aws_vpn_connection.this.id
  destination_cidr_block = each.key
}

resource "aws_cloudwatch_metric_alarm" "down" {
  alarm_name          = "${var.name}-down"
  alarm_description   = "No tunnel of the VPN is up: what lies behind it cannot be reached."
  namespace           = "AWS/VPN"
  metric_name         = "TunnelState"
  dimensions          = { VpnId = aws_vpn_connection.this.id }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
}
