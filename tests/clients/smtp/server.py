"""A mail server made by others (aiosmtpd): takes what is mailed by whoever signs in, and prints each mail as a line of JSON.
The first line is the port. It ends with its standard input."""

import email
import json
import logging
import socket
import sys
import warnings
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

# It warns of passwords in clear text, and nothing leaves this machine.
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
LOGIN = (b"bot", b"secret")


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == LOGIN
    return AuthResult(success=right, handled=right)


class Box:
    put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=default)
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "id": mail["message-id"],
            "body": mail.get_content(),
        }
        print(json.dumps(told), flush=True)
        return "250 OK"


# Asked of the system beforehand: the controller calls itself under the port it was given.
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
controller = Controller(
    Box(), hostname="127.0.0.1", port=port, authenticator=authenticate, auth_required=True, auth_require_tls=False
)
controller.start()
print(port, flush=True)
sys.stdin.read()
controller.stop()
