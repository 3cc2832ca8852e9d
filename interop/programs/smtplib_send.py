"""Sends one message many times with Python's smtplib and tells what became of each.

    smtplib_send.py PORT USER PASSWORD COUNT THREADS FILE RECIPIENT...

Every thread keeps one connection and opens a new one when it breaks. Each message gets a header field
X-Sequence with its number in front, so that a receiver can tell them apart; COUNT 0 sends the file once as it is.
An empty PASSWORD means no login.
Prints one JSON list: {"sequence", "code", "text", "seconds"} for each message, code 0 when the connection broke.
"""

import json
import queue
import smtplib
import sys
import threading
import time


def connect(port, user, password):
    connection = smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.com", timeout=60)
    connection.ehlo()
    if password:
        connection.login(user, password)
    return connection


def send(connection, sender, recipients, content):
    """The final reply of one transaction, as (code, text)."""
    code, text = connection.mail(sender, ["BODY=8BITMIME"])
    if code != 250:
        connection.rset()
        return code, text
    for recipient in recipients:
        code, text = connection.rcpt(recipient)
        if code not in (250, 251):
            connection.rset()
            return code, text
    return connection.data(content)


def work(jobs, results, port, user, password, content, recipients):
    connection = None
    while True:
        try:
            sequence = jobs.get_nowait()
        except queue.Empty:
            break
        marked = content if sequence == 0 else b"X-Sequence: %d\r\n" % sequence + content
        began = time.monotonic()
        try:
            if connection is None:
                connection = connect(port, user, password)
            code, text = send(connection, user, recipients, marked)
        except (smtplib.SMTPException, OSError) as error:
            code, text, connection = getattr(error, "smtp_code", 0), str(error).encode(), None
        seconds = time.monotonic() - began
        results.append({"sequence": sequence, "code": code, "text": text.decode("latin1"), "seconds": seconds})
    if connection is not None:
        connection.quit()


def main():
    port, user, password, count, threads, file, *recipients = sys.argv[1:]
    with open(file, "rb") as source:
        content = source.read()
    jobs, results = queue.Queue(), []
    for sequence in range(1, int(count) + 1) if int(count) else [0]:
        jobs.put(sequence)
    workers = [
        threading.Thread(target=work, args=(jobs, results, int(port), user, password, content, recipients))
        for _ in range(int(threads))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    json.dump(results, sys.stdout)


main()
