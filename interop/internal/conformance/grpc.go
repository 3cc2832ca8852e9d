package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// ServiceName is the kit's service over gRPC. Every method takes and answers a google.protobuf.BytesValue.
const ServiceName = "conformance.Kit"

// GRPCPlugin serves and dispenses the kit over gRPC.
type GRPCPlugin struct {
	plugin.NetRPCUnsupportedPlugin
}

// GRPCServer implements plugin.GRPCPlugin.
func (p *GRPCPlugin) GRPCServer(broker *plugin.GRPCBroker, server *grpc.Server) error {
	server.RegisterService(serviceDesc(), &grpcServer{broker: broker})
	return nil
}

// GRPCClient implements plugin.GRPCPlugin; the value it returns is a *GRPCClient.
func (p *GRPCPlugin) GRPCClient(_ context.Context, broker *plugin.GRPCBroker, conn *grpc.ClientConn) (interface{}, error) {
	return &GRPCClient{conn: conn, broker: broker}, nil
}

// GRPCClient is a kit dispensed over gRPC.
type GRPCClient struct {
	conn   *grpc.ClientConn
	broker *plugin.GRPCBroker
}

// Call calls a method by its name.
func (c *GRPCClient) Call(method string, argument []byte) ([]byte, error) {
	return invoke(c.conn, method, argument)
}

// CallBack lets the plugin call the host, which serves a kit for it; it answers what the plugin was answered.
func (c *GRPCClient) CallBack() (string, error) {
	id := c.broker.NextId()
	go serveBrokered(c.broker, id)
	answer, err := c.Call("CallBack", []byte(strconv.Itoa(int(id))))
	return string(answer), err
}

// Offer calls the kit the plugin serves on a broker id of its own.
func (c *GRPCClient) Offer() (string, error) {
	text, err := c.Call("Offer", nil)
	if err != nil {
		return "", err
	}
	return dialBrokered(c.broker, string(text), "offered")
}

// grpcServer is the kit over gRPC.
type grpcServer struct{ broker *plugin.GRPCBroker }

type method func(s *grpcServer, argument []byte) ([]byte, error)

// methods is filled when the program starts: what it holds refers to it.
var methods map[string]method

func init() {
	methods = map[string]method{
		"Text":  func(_ *grpcServer, argument []byte) ([]byte, error) { return argument, nil },
		"Bytes": func(_ *grpcServer, argument []byte) ([]byte, error) { return argument, nil },
		"Fail":  func(_ *grpcServer, argument []byte) ([]byte, error) { return nil, errors.New(string(argument)) },
		"Pid":   func(*grpcServer, []byte) ([]byte, error) { return []byte(strconv.Itoa(os.Getpid())), nil },
		// Large answers so many bytes.
		"Large": func(_ *grpcServer, argument []byte) ([]byte, error) {
			size, err := strconv.Atoi(string(argument))
			return make([]byte, size), err
		},
		"Sleep": func(_ *grpcServer, argument []byte) ([]byte, error) {
			milliseconds, err := strconv.Atoi(string(argument))
			if milliseconds <= 0 {
				select {}
			}
			time.Sleep(time.Duration(milliseconds) * time.Millisecond)
			return argument, err
		},
		"Print": func(_ *grpcServer, argument []byte) ([]byte, error) {
			fmt.Fprintf(os.Stdout, "%s on stdout\n", argument)
			fmt.Fprintf(os.Stderr, "%s on stderr\n", argument)
			return nil, nil
		},
		"CallBack": func(s *grpcServer, argument []byte) ([]byte, error) {
			answer, err := dialBrokered(s.broker, string(argument), "called back")
			return []byte(answer), err
		},
		"Offer": func(s *grpcServer, _ []byte) ([]byte, error) {
			id := s.broker.NextId()
			go serveBrokered(s.broker, id)
			return []byte(strconv.Itoa(int(id))), nil
		},
	}
}

func serviceDesc() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: ServiceName, HandlerType: (*interface{})(nil), Methods: methodDescs()}
}

func methodDescs() []grpc.MethodDesc {
	var all []grpc.MethodDesc
	for name, run := range methods {
		run := run
		all = append(all, grpc.MethodDesc{
			MethodName: name,
			Handler: func(server interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
				request := &wrapperspb.BytesValue{}
				if err := decode(request); err != nil {
					return nil, err
				}
				answer, err := run(server.(*grpcServer), request.Value)
				return &wrapperspb.BytesValue{Value: answer}, err
			},
		})
	}
	return all
}

func invoke(conn *grpc.ClientConn, method string, argument []byte) ([]byte, error) {
	answer := &wrapperspb.BytesValue{}
	path := "/" + ServiceName + "/" + method
	err := conn.Invoke(context.Background(), path, &wrapperspb.BytesValue{Value: argument}, answer)
	return answer.Value, err
}

func serveBrokered(broker *plugin.GRPCBroker, id uint32) {
	broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
		server := grpc.NewServer(options...)
		server.RegisterService(serviceDesc(), &grpcServer{broker: broker})
		return server
	})
}

// dialBrokered asks the kit on a broker id for a text.
func dialBrokered(broker *plugin.GRPCBroker, id, text string) (string, error) {
	number, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return "", err
	}
	conn, err := broker.Dial(uint32(number))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	answer, err := invoke(conn, "Text", []byte(text))
	return string(answer), err
}
