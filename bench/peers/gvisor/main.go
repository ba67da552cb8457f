// gVisor's netstack as a peer: the services echo (7), discard (9) and chargen (19) over TCP, and echo over UDP, on endpoints of
// its own, without an adapter between. It prints "ready" when they are there, and ends with its standard input.
//
//	gvisor -tap NAME     frames of a TAP, which it opens; this version of fdbased sends and takes no large segments there
//	gvisor -packet NAME  a packet socket on an interface, as runsc has it on a veth: with -gso segments of 64 KiB, both ways
//
// Built with GO111MODULE=off GOPATH=/usr/share/gocode go build (Debian: golang-go, golang-gvisor-gvisor-dev).
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/fdbased"
	"gvisor.dev/gvisor/pkg/tcpip/link/qdisc/fifo"
	"gvisor.dev/gvisor/pkg/tcpip/link/tun"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const nic = 1

var (
	tapName    = flag.String("tap", "", "the TAP to open")
	packetName = flag.String("packet", "", "the interface to open a packet socket on")
	address    = flag.String("address", "10.99.0.2", "the IPv4 address")
	rack       = flag.Bool("rack", true, "find losses by RACK")
	gso        = flag.Bool("gso", false, "large segments (a packet socket only)")
	mode       = flag.String("mode", "recvmmsg", "how a packet socket is read: readv, recvmmsg or mmap")
	queue      = flag.Int("fifo", 1, "dispatchers of the fifo queueing discipline; 0 is none")
	buffers    = flag.Int("buffers", 8<<20, "the largest buffer of a TCP connection, each way")
)

func fatal(what string, err any) {
	fmt.Fprintf(os.Stderr, "gvisor: %s: %v\n", what, err)
	os.Exit(1)
}

func must(what string, err tcpip.Error) {
	if err != nil {
		fatal(what, err)
	}
}

func openPacket(name string) int {
	device, err := net.InterfaceByName(name)
	if err != nil {
		fatal(name, err)
	}
	const protocol = (unix.ETH_P_ALL&0xff)<<8 | unix.ETH_P_ALL>>8
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, protocol)
	if err != nil {
		fatal("socket", err)
	}
	if *gso {
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
			fatal("PACKET_VNET_HDR", err)
		}
	}
	for _, option := range []int{unix.SO_RCVBUFFORCE, unix.SO_SNDBUFFORCE} {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, 4<<20)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: device.Index}); err != nil {
		fatal("bind", err)
	}
	return fd
}

func link() stack.LinkEndpoint {
	options := &fdbased.Options{
		MTU:            1500,
		EthernetHeader: true,
		Address:        tcpip.LinkAddress("\x02\x00\x00\x00\x00\x02"),
		ClosedFunc:     func(err tcpip.Error) { fatal("the link", err) },
	}
	if *tapName != "" {
		fd, err := tun.OpenTAP(*tapName)
		if err != nil {
			fatal(*tapName, err)
		}
		options.FDs = []int{fd}
	} else {
		options.FDs = []int{openPacket(*packetName)}
		options.PacketDispatchMode = map[string]fdbased.PacketDispatchMode{
			"readv": fdbased.Readv, "recvmmsg": fdbased.RecvMMsg, "mmap": fdbased.PacketMMap,
		}[*mode]
		if *gso {
			options.GSOMaxSize = 65536
			// As runsc has it: what comes over a veth has no checksum yet; ours are left out of large segments alone.
			options.RXChecksumOffload = true
		}
	}
	endpoint, err := fdbased.New(options)
	if err != nil {
		fatal("fdbased", err)
	}
	return endpoint
}

func newStack() *stack.Stack {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
		HandleLocal:        false,
	})
	set := func(option tcpip.SettableTransportProtocolOption) {
		must("option", s.SetTransportProtocolOption(tcp.ProtocolNumber, option))
	}
	sack, moderate, control := tcpip.TCPSACKEnabled(true), tcpip.TCPModerateReceiveBufferOption(true), tcpip.CongestionControlOption("cubic")
	recovery := tcpip.TCPRecovery(0)
	if *rack {
		recovery = tcpip.TCPRACKLossDetection
	}
	set(&sack)
	set(&moderate)
	set(&control)
	set(&recovery)
	set(&tcpip.TCPSendBufferSizeRangeOption{Min: 4096, Default: min(1<<20, *buffers), Max: *buffers})
	set(&tcpip.TCPReceiveBufferSizeRangeOption{Min: 4096, Default: min(1<<20, *buffers), Max: *buffers})

	endpoint := link()
	options := stack.NICOptions{}
	if *queue > 0 {
		options.QDisc = fifo.New(endpoint, *queue, 1000)
	}
	must("nic", s.CreateNICWithOptions(nic, endpoint, options))
	must("address", s.AddProtocolAddress(nic, tcpip.ProtocolAddress{
		Protocol:          ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: tcpip.Address(net.ParseIP(*address).To4()), PrefixLen: 24},
	}, stack.AddressProperties{}))
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return s
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

// A conversation is an endpoint and what wakes who waits for it.
type conversation struct {
	endpoint tcpip.Endpoint
	queue    *waiter.Queue
	in, out  chan struct{}
}

func newConversation(endpoint tcpip.Endpoint, queue *waiter.Queue) *conversation {
	c := &conversation{endpoint: endpoint, queue: queue}
	input, in := waiter.NewChannelEntry(waiter.ReadableEvents | waiter.EventHUp | waiter.EventErr)
	output, out := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventHUp | waiter.EventErr)
	c.in, c.out = in, out
	queue.EventRegister(&input)
	queue.EventRegister(&output)
	return c
}

func (c *conversation) read(to io.Writer) bool {
	for {
		_, err := c.endpoint.Read(to, tcpip.ReadOptions{})
		switch err.(type) {
		case nil:
			return true
		case *tcpip.ErrWouldBlock:
			<-c.in
		default:
			return false
		}
	}
}

func (c *conversation) write(octets []byte) bool {
	for len(octets) > 0 {
		var reader bytes.Reader
		reader.Reset(octets)
		count, err := c.endpoint.Write(&reader, tcpip.WriteOptions{})
		octets = octets[count:]
		switch err.(type) {
		case nil:
		case *tcpip.ErrWouldBlock:
			<-c.out
		default:
			return false
		}
	}
	return true
}

func echo(c *conversation) {
	c.endpoint.SocketOptions().SetDelayOption(false)
	var buffer bytes.Buffer
	for {
		buffer.Reset()
		if !c.read(&buffer) || !c.write(buffer.Bytes()) {
			return
		}
	}
}

func discard(c *conversation) {
	for c.read(io.Discard) {
	}
}

func chargen(c *conversation) {
	pattern := bytes.Repeat([]byte("0123456789abcdef"), 16*1024)
	for c.write(pattern) {
	}
}

func serve(s *stack.Stack, port uint16, program func(*conversation)) {
	var queue waiter.Queue
	endpoint, err := s.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, &queue)
	must("endpoint", err)
	must("bind", endpoint.Bind(tcpip.FullAddress{Port: port}))
	must("listen", endpoint.Listen(1024))
	entry, ready := waiter.NewChannelEntry(waiter.ReadableEvents)
	queue.EventRegister(&entry)
	go func() {
		for {
			accepted, queue, err := endpoint.Accept(nil)
			switch err.(type) {
			case nil:
				go func() {
					program(newConversation(accepted, queue))
					accepted.Close()
				}()
			case *tcpip.ErrWouldBlock:
				<-ready
			default:
				fatal("accept", err)
			}
		}
	}()
}

func echoDatagrams(s *stack.Stack, port uint16) {
	var queue waiter.Queue
	endpoint, err := s.NewEndpoint(udp.ProtocolNumber, ipv4.ProtocolNumber, &queue)
	must("endpoint", err)
	must("bind", endpoint.Bind(tcpip.FullAddress{Port: port}))
	endpoint.SocketOptions().SetReceiveBufferSize(4<<20, true)
	endpoint.SocketOptions().SetSendBufferSize(4<<20, true)
	entry, ready := waiter.NewChannelEntry(waiter.ReadableEvents)
	queue.EventRegister(&entry)
	go func() {
		var buffer bytes.Buffer
		for {
			buffer.Reset()
			from, err := endpoint.Read(&buffer, tcpip.ReadOptions{NeedRemoteAddr: true})
			switch err.(type) {
			case nil:
				// What does not go out is lost, as datagrams are.
				_, _ = endpoint.Write(&buffer, tcpip.WriteOptions{To: &from.RemoteAddr})
			case *tcpip.ErrWouldBlock:
				<-ready
			}
		}
	}()
}

func main() {
	flag.Parse()
	if (*tapName == "") == (*packetName == "") {
		fatal("arguments", "-tap or -packet")
	}
	s := newStack()
	serve(s, 7, echo)
	serve(s, 9, discard)
	serve(s, 19, chargen)
	echoDatagrams(s, 7)
	fmt.Printf("ready (%s, %d processors)\n", runtime.Version(), runtime.GOMAXPROCS(0))
	_, _ = io.Copy(io.Discard, os.Stdin)
}
