"""Sends files with smtplib, one transaction each on one connection.

    smtplib_tls_send.py PORT off|starttls|implicit AUTHORITY USER PASSWORD MAIL_FROM RECIPIENT,... FILE...

Exit status 0 when every file was taken, 1 with a trace otherwise.
"""

import smtplib
import ssl
import sys

HOST = "127.0.0.1"
NAME = "client.example.com"


def connect(port, mode, authority):
    context = ssl.create_default_context(cafile=authority)
    if mode == "implicit":
        return smtplib.SMTP_SSL(HOST, port, local_hostname=NAME, context=context, timeout=60)
    connection = smtplib.SMTP(HOST, port, local_hostname=NAME, timeout=60)
    if mode == "starttls":
        connection.starttls(context=context)
    return connection


def main():
    port, mode, authority, user, password, mail_from, recipients, *files = sys.argv[1:]
    with connect(int(port), mode, authority) as connection:
        connection.login(user, password)
        for name in files:
            with open(name, "rb") as file:
                refused = connection.sendmail(mail_from, recipients.split(","), file.read(), ["BODY=8BITMIME"])
            if refused:
                sys.exit(f"{name}: {refused}")


main()
