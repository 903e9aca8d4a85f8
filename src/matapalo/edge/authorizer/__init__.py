"""The authorizer: asks the existing security system who a caller is, and says yes, no, or not now.

    Envoy (ext_authz) ─▶ door_envoy ──┐
                                      ├─▶ decide ─▶ remembered? ─▶ introspection, session or jwt
    API Gateway ───────▶ door_lambda ─┘                                  └▶ the security system

One decision, two doors. It fails closed: a security system that does not answer is 503, never yes.
A credential is known by its digest only; what is remembered is remembered no longer than the
blueprint says and never past the credential's own end.
"""

from matapalo.edge.authorizer.decide import Authorizer
from matapalo.edge.authorizer.decision import AuthRequest, Decision

__all__ = ["AuthRequest", "Authorizer", "Decision"]
