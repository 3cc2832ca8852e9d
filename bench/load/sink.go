package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"math/big"
	"net"
	"strconv"
	"strings"
	"time"
)

// runSink takes every message and forgets it; STARTTLS and CHUNKING are offered when asked for.
func runSink(args []string) error {
	f := flag.NewFlagSet("sink", flag.ExitOnError)
	addr := f.String("addr", "127.0.0.1:2601", "host:port")
	mode := f.String("tls", "off", "off | starttls | implicit")
	chunking := f.Bool("chunking", false, "offer CHUNKING (RFC 3030)")
	delay := f.Duration("delay", 0, "wait before the final reply")
	if err := f.Parse(args); err != nil {
		return err
	}
	config, err := selfSigned()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		if *mode == "implicit" {
			nc = tls.Server(nc, config)
		}
		go (&sinkSession{nc: nc, r: bufio.NewReaderSize(nc, 65536), config: config, startTLS: *mode == "starttls", chunking: *chunking, delay: *delay}).serve()
	}
}

type sinkSession struct {
	nc       net.Conn
	r        *bufio.Reader
	config   *tls.Config
	startTLS bool
	chunking bool
	delay    time.Duration
	out      bytes.Buffer
}

func (s *sinkSession) serve() {
	defer s.nc.Close()
	s.out.WriteString("220 sink ESMTP\r\n")
	for s.flush() {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return
		}
		if !s.command(strings.ToUpper(strings.TrimSpace(line))) {
			s.flush()
			return
		}
	}
}

// command answers one line; pipelined commands share one write.
func (s *sinkSession) command(line string) bool {
	switch {
	case strings.HasPrefix(line, "EHLO"):
		s.out.WriteString("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n")
		if s.startTLS {
			s.out.WriteString("250-STARTTLS\r\n")
		}
		if s.chunking {
			s.out.WriteString("250-CHUNKING\r\n")
		}
		s.out.WriteString("250 SIZE 104857600\r\n")
	case line == "STARTTLS" && s.startTLS:
		s.out.WriteString("220 go ahead\r\n")
		s.flush()
		s.nc = tls.Server(s.nc, s.config)
		s.r = bufio.NewReaderSize(s.nc, 65536)
		s.startTLS = false
	case line == "DATA":
		s.out.WriteString("354 go ahead\r\n")
		return s.flush() && s.content()
	case strings.HasPrefix(line, "BDAT "):
		return s.chunk(strings.Fields(line))
	case line == "QUIT":
		s.out.WriteString("221 bye\r\n")
		return false
	default:
		s.out.WriteString("250 ok\r\n")
	}
	return true
}

// chunk skips the bytes that a BDAT announces.
func (s *sinkSession) chunk(words []string) bool {
	size, err := strconv.Atoi(words[1])
	if err != nil {
		return false
	}
	if _, err := s.r.Discard(size); err != nil {
		return false
	}
	if words[len(words)-1] == "LAST" {
		time.Sleep(s.delay)
	}
	s.out.WriteString("250 2.0.0 taken\r\n")
	return true
}

func (s *sinkSession) content() bool {
	for {
		line, err := s.r.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			return false
		}
		if len(line) == 3 && line[0] == '.' {
			time.Sleep(s.delay)
			s.out.WriteString("250 2.0.0 taken\r\n")
			return true
		}
	}
}

func (s *sinkSession) flush() bool {
	if s.r.Buffered() > 0 && s.out.Len() < 4096 {
		return true
	}
	if s.out.Len() > 0 {
		if _, err := s.nc.Write(s.out.Bytes()); err != nil {
			return false
		}
		s.out.Reset()
	}
	return true
}

func selfSigned() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}
