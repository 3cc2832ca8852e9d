// net-smtp-send sends files with net/smtp, one transaction each on one connection.
//
//	net-smtp-send PORT off|starttls|implicit AUTHORITY USER PASSWORD MAIL_FROM RECIPIENT,… FILE…
//
// Exit status 0 when every file was taken, 1 otherwise, with the reason on stderr.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"strings"
)

const host = "127.0.0.1"

func main() {
	if len(os.Args) < 9 {
		fmt.Fprintln(os.Stderr, "usage: net-smtp-send PORT MODE AUTHORITY USER PASSWORD MAIL_FROM RECIPIENTS FILE…")
		os.Exit(2)
	}
	if err := run(os.Args[1:8], os.Args[8:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args, files []string) error {
	port, mode, authority, user, password, from, recipients := args[0], args[1], args[2], args[3], args[4], args[5], args[6]
	client, err := connect(net.JoinHostPort(host, port), mode, authority)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Auth(smtp.PlainAuth("", user, password, host)); err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	for _, file := range files {
		if err := send(client, from, strings.Split(recipients, ","), file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return client.Quit()
}

// connect answers a client that has said EHLO, under TLS unless mode is off.
func connect(address, mode, authority string) (*smtp.Client, error) {
	trusted, err := trust(authority)
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	if mode == "implicit" {
		conn, err = tls.Dial("tcp", address, trusted)
	} else {
		conn, err = net.Dial("tcp", address)
	}
	if err != nil {
		return nil, err
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, err
	}
	if err := client.Hello("client.example.com"); err != nil {
		return nil, err
	}
	if mode == "starttls" {
		err = client.StartTLS(trusted)
	}
	return client, err
}

func trust(authority string) (*tls.Config, error) {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", authority)
	}
	return &tls.Config{RootCAs: roots, ServerName: host}, nil
}

func send(client *smtp.Client, from string, recipients []string, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	for _, recipient := range recipients {
		if err := client.Rcpt(recipient); err != nil {
			return err
		}
	}
	writer, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := writer.Write(content); err != nil {
		return err
	}
	return writer.Close()
}
