package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"time"
)

// conn is one SMTP connection of the generator.
type conn struct {
	nc net.Conn
	r  *bufio.Reader
}

func dial(o options, addr string) (*conn, error) {
	nc, err := net.DialTimeout("tcp", addr, o.timeout)
	if err != nil {
		return nil, err
	}
	c := &conn{nc: nc, r: bufio.NewReaderSize(nc, 4096)}
	_ = nc.SetDeadline(time.Now().Add(o.timeout))
	if o.tlsMode == "implicit" {
		c.upgrade()
	}
	if err := c.open(o); err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) upgrade() {
	c.nc = tls.Client(c.nc, &tls.Config{InsecureSkipVerify: true})
	c.r = bufio.NewReaderSize(c.nc, 4096)
}

func (c *conn) open(o options) error {
	if err := c.expect('2'); err != nil {
		return err
	}
	if err := c.command("EHLO load.test\r\n", '2'); err != nil {
		return err
	}
	if o.tlsMode == "starttls" {
		if err := c.command("STARTTLS\r\n", '2'); err != nil {
			return err
		}
		c.upgrade()
		if err := c.command("EHLO load.test\r\n", '2'); err != nil {
			return err
		}
	}
	if o.auth == "" {
		return nil
	}
	user, password, _ := strings.Cut(o.auth, ":")
	blob := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
	return c.command("AUTH PLAIN "+blob+"\r\n", '2')
}

func (c *conn) send(o options, content []byte) error {
	_ = c.nc.SetDeadline(time.Now().Add(o.timeout))
	mail := "MAIL FROM:<" + o.from + ">\r\n"
	rcpt := "RCPT TO:<" + o.to + ">\r\n"
	if o.pipelined {
		if err := c.write([]byte(mail + rcpt + "DATA\r\n")); err != nil {
			return err
		}
		for _, class := range []byte{'2', '2', '3'} {
			if err := c.expect(class); err != nil {
				return err
			}
		}
	} else {
		if err := c.command(mail, '2'); err != nil {
			return err
		}
		if err := c.command(rcpt, '2'); err != nil {
			return err
		}
		if err := c.command("DATA\r\n", '3'); err != nil {
			return err
		}
	}
	if err := c.write(content); err != nil {
		return err
	}
	return c.expect('2')
}

func (c *conn) command(line string, class byte) error {
	if err := c.write([]byte(line)); err != nil {
		return err
	}
	return c.expect(class)
}

func (c *conn) write(b []byte) error {
	_, err := c.nc.Write(b)
	return err
}

// expect reads one reply, multi-line included.
func (c *conn) expect(class byte) error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) < 4 {
			return fmt.Errorf("short reply %q", line)
		}
		if line[3] == '-' {
			continue
		}
		if line[0] != class {
			return fmt.Errorf("reply %q", strings.TrimSpace(string(line)))
		}
		return nil
	}
}

func (c *conn) quit() {
	_ = c.nc.SetDeadline(time.Now().Add(2 * time.Second))
	if c.write([]byte("QUIT\r\n")) == nil {
		_ = c.expect('2')
	}
	c.close()
}

func (c *conn) close() { c.nc.Close() }

// makeContent builds header, lines of 78 bytes and the end of data, size bytes without the latter.
func makeContent(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: <a@load.test>\r\nTo: <b@sink.test>\r\nSubject: load\r\nMessage-ID: <1@load.test>\r\n\r\n")
	line := strings.Repeat("x", 76) + "\r\n"
	for b.Len()+len(line) <= size {
		b.WriteString(line)
	}
	if rest := size - b.Len(); rest > 2 {
		b.WriteString(strings.Repeat("y", rest-2) + "\r\n")
	}
	b.WriteString(".\r\n")
	return b.Bytes()
}
