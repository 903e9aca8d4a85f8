# Functions call services by names of a zone of the network, which are all this load balancer's.
resource "aws_route53_zone" "inside" {
  #checkov:skip=CKV2_AWS_38:A zone of the network only: nobody outside can ask, and DNSSEC is for those.
  #checkov:skip=CKV2_AWS_39:Route 53 writes down questions of public zones only.
  count = var.inside == null ? 0 : 1

  name    = var.inside.zone
  comment = "Services, as functions call them."

  vpc {
    vpc_id = var.vpc_id
  }
}

resource "aws_route53_record" "inside" {
  count = var.inside == null ? 0 : 1

  zone_id = aws_route53_zone.inside[0].zone_id
  name    = "*.${var.inside.zone}"
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}

resource "aws_lb_listener" "inside" {
  #checkov:skip=CKV_AWS_2:Within the private subnets it is HTTP, as it is to the pods.
  #checkov:skip=CKV_AWS_103:As above.
  #checkov:skip=CKV2_AWS_20:As above; nobody but functions calls.
  count = var.inside == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = var.inside.port
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "No service of this name is called by functions."
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "inside" {
  for_each = local.hosts

  listener_arn = aws_lb_listener.inside[0].arn

  condition {
    host_header {
      values = [each.value]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each = local.functions

  security_group_id            = each.value
  referenced_security_group_id = aws_security_group.balancer.id
  description                  = "To services by the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = var.inside.port
  to_port                      = var.inside.port
}

resource "aws_vpc_security_group_ingress_rule" "inside" {
  for_each = local.functions

  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = each.value
  description                  = "From the function ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = var.inside.port
  to_port                      = var.inside.port
}
