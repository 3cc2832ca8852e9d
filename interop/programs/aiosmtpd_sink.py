"""Takes mail with aiosmtpd and keeps every message as two files.

    aiosmtpd_sink.py FOLDER CERT KEY USER PASSWORD

Listens on a free port of 127.0.0.1 and prints its number. STARTTLS is required before AUTH, and AUTH before MAIL.
NUMBER.json holds {"mailFrom", "mailOptions", "recipients"}, NUMBER.eml, written last, the content without the
doubled dots. Ends with SIGTERM.
"""

import asyncio
import itertools
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    def __init__(self, folder):
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server, session, envelope):
        path = os.path.join(self._folder, str(next(self._numbers)))
        told = {
            "mailFrom": envelope.mail_from,
            "mailOptions": envelope.mail_options,
            "recipients": envelope.rcpt_tos,
        }
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump(told, file)
        with open(path + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(path + ".part", path + ".eml")
        return "250 2.0.0 kept"


class AnyLineLength(SMTP):
    # aiosmtpd refuses lines over 1001 octets, which the router passes on as they are.
    line_length_limit = 2**20


async def main():
    folder, cert, key, user, password = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    sink = Sink(folder)

    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=right, handled=right)

    def session():
        return AnyLineLength(
            sink,
            hostname="aiosmtpd.example.com",
            data_size_limit=64 * 1024 * 1024,
            enable_SMTPUTF8=True,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
