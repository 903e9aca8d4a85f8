"""AWS services on this machine: ministack, made safe and made to remember.

    serve ──▶ door ──▶ ministack on the loopback ◀── client (secrets, the site)
      └─ every second, where something changed ──▶ state on the disk

ministack by itself listens on every interface, opens ports for MQTT and SFTP, looks for Docker,
believes every caller, and saves its state only when it is stopped well. Here it listens on the
loopback, opens one port, asks for the run's own access key, and loses the last second at most.
"""
