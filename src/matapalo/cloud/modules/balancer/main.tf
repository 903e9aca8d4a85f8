locals {
  secure    = var.certificate_arn != null
  port      = local.secure ? 443 : 80
  pods      = { for name, target in var.targets : name => target if length(target.addresses) == 0 }
  elsewhere = { for name, target in var.targets : name => target if length(target.addresses) > 0 }
  named     = [for name in keys(var.targets) : name if name != "edge"]
  hosts     = try(var.inside.hosts, {})
  functions = try(var.inside.callers, {})
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_150:It cannot be deleted by mistake where the environment is protected.
  #checkov:skip=CKV2_AWS_20:Nobody calls but API Gateway and functions, within the network; they are not redirected.
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = true
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.protected
  idle_timeout               = var.idle
  desync_mitigation_mode     = "strictest"
  xff_header_processing_mode = "append"

  access_logs {
    bucket  = aws_s3_bucket.logs.bucket
    enabled = true
  }

  depends_on = [module.closed_logs]
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = var.firewall_arn
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:From the load balancer to the pods it is HTTP within the private subnets: the pods hold no certificate.
  for_each = var.targets

  name                 = each.value.group
  vpc_id               = var.vpc_id
  target_type          = "ip"
  port                 = 80 # Nobody's: each member brings its own, so that a group outlives another port.
  protocol             = each.value.protocol
  deregistration_delay = each.value.drain

  # EKS lets pods join only groups that say whose they are.
  tags = length(each.value.addresses) == 0 ? { "eks:eks-cluster-name" = var.cluster } : {}

  health_check {
    path                = each.value.health
    protocol            = each.value.protocol
    matcher             = each.value.healthy
    interval            = 5
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  # Rules lead to the new one before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_target_group_attachment" "elsewhere" {
  for_each = merge([
    for name, target in local.elsewhere : { for address in target.addresses : "${name} ${address}" => { name = name, address = address } }
  ]...)

  target_group_arn  = aws_lb_target_group.this[each.value.name].arn
  target_id         = each.value.address
  port              = var.targets[each.value.name].port
  availability_zone = "all"
}

resource "aws_lb_listener" "this" {
  #checkov:skip=CKV_AWS_2:HTTPS wherever there is a certificate, which takes a name of our own.
  #checkov:skip=CKV_AWS_103:As above.
  #checkov:skip=CKV2_AWS_20:As above; nobody but API Gateway calls, and it is not redirected.
  load_balancer_arn = aws_lb.this.arn
  port              = local.port
  protocol          = local.secure ? "HTTPS" : "HTTP"
  certificate_arn   = var.certificate_arn
  ssl_policy        = local.secure ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["edge"].arn
  }
}

# API Gateway says in a header whom it wants; it takes the header of every caller away.
resource "aws_lb_listener_rule" "named" {
  # One at most holds of a request, so that no order has to be kept when one is added.
  for_each = toset(local.named)

  listener_arn = aws_lb_listener.this.arn

  condition {
    http_header {
      http_header_name = "x-matapalo-target"
      values           = [each.key]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
