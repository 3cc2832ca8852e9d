/** A statement nothing shows yet, with the reason; the page tells it as a failure. None is the aim. */
export interface PendingStatement {
  /** As a title of a test: number and what must hold. */
  readonly title: string;
  readonly why: string;
}

const NO_GRPC = 'gRPC is not served yet';
const NO_TLS = 'TLS is not spoken yet';
const NO_TEST = 'not tested against the real library yet';

export const PENDING: readonly PendingStatement[] = [
  pending(
    9,
    'A program whose checksum differs is not started; one that matches runs from a private copy nobody else can exchange.',
    NO_TEST,
  ),
  pending(
    21,
    'The host opens streams 1, 3 and 5 in this order; the plugin serves nothing before the third.',
    NO_TEST,
  ),
  pending(22, 'A window update and a data frame with SYN both open a stream.', NO_TEST),
  pending(
    23,
    'Each accepted stream is acknowledged exactly once, and at once, whatever the program does with it.',
    NO_TEST,
  ),
  pending(
    24,
    '3 MiB pass in one argument and in one reply, and no frame exceeds the window its receiver has granted.',
    NO_TEST,
  ),
  pending(25, 'New window is granted when half of it is used up, and not before.', NO_TEST),
  pending(
    26,
    'A ping is answered by its own value; our own go out every 30 s, and one unanswered for 10 s ends the session with all its calls.',
    NO_TEST,
  ),
  pending(
    27,
    'FIN is sent once; what arrives after our own is still read; after both the stream is forgotten.',
    NO_TEST,
  ),
  pending(28, 'RST on a stream fails the calls of that stream and no others.', NO_TEST),
  pending(
    29,
    'Go-away 0 ends the opening of streams and lets the open ones finish; 1, 2 and unknown reasons end the session.',
    NO_TEST,
  ),
  pending(
    30,
    'A window overrun, a second SYN, a bad version and a bad type end the session and nothing else; a connection closed without go-away fails all calls at once.',
    NO_TEST,
  ),
  pending(31, 'Frames for unknown streams are read and dropped; the session goes on.', NO_TEST),
  pending(
    32,
    'Of 300 streams opened at once no more than 256 wait for their acknowledgement, and none is lost.',
    NO_TEST,
  ),
  pending(33, 'Frames cut at every byte are read as the same frames.', NO_TEST),
  pending(34, 'Recorded streams of Go decode, and encode again to the same bytes.', NO_TEST),
  pending(35, 'Integers from -2^63 to 2^63-1 and up to 2^64-1 survive.', NO_TEST),
  pending(
    36,
    'Fields Go leaves out because they are zero are filled in from the definition, also in nested structs.',
    NO_TEST,
  ),
  pending(37, 'Fields Go does not know are ignored by it, and their order does not matter.', NO_TEST),
  pending(
    38,
    'A struct without a field in common is an error of that call, in the words of Go, and the connection stays usable.',
    NO_TEST,
  ),
  pending(39, 'Go accepts all definitions before the value, for nested slices, maps and structs.', NO_TEST),
  pending(
    40,
    'Interfaces hold nil, basic kinds, registered structs and maps of interfaces; a value cut into several messages decodes.',
    NO_TEST,
  ),
  pending(
    41,
    'Recursive types, pointers, arrays, bytes beside lists of strings, and maps by number mean the same to both sides.',
    NO_TEST,
  ),
  pending(42, 'time.Time means the same moment to both sides.', NO_TEST),
  pending(43, 'A type is defined once on a stream, and anew on the next one.', NO_TEST),
  pending(
    44,
    'Cut, oversized, deeply nested, unknown and redefined input is an error within bounded memory.',
    NO_TEST,
  ),
  pending(45, 'Calls are numbered from 0, and replies find their call in whatever order they come.', NO_TEST),
  pending(46, 'An error takes its empty body along: the next call on the stream works.', NO_TEST),
  pending(
    47,
    'An unknown method, an unknown service and an ill-formed name are refused in the words of Go.',
    NO_TEST,
  ),
  pending(48, 'A deadline rejects its caller, and the late reply is dropped.', NO_TEST),
  pending(49, '64 calls at once on one stream are all answered.', NO_TEST),
  pending(50, 'A panic in a method, and kill -9, reject every pending call at once.', NO_TEST),
  pending(
    51,
    'Dispensing an unknown name is an error; dispensing twice gives two objects on two streams.',
    NO_TEST,
  ),
  pending(
    52,
    'Broker ids are four bytes, little-endian, and are answered by the same; a wrong answer closes the stream, and an id nobody comes for is dropped after 5 s.',
    NO_TEST,
  ),
  pending(
    53,
    'A plugin calls its host through the broker, and the host a second service of the plugin.',
    NO_TEST,
  ),
  pending(
    54,
    'Control.Ping and Control.Quit take a boolean, and Kill of a Go host ends our plugin within 2 s and in good order.',
    NO_TEST,
  ),
  pending(
    55,
    'The health of the service plugin is SERVING, that of another is NOT_FOUND, and an unknown method is UNIMPLEMENTED.',
    NO_GRPC,
  ),
  pending(56, 'StreamStdio brings both channels; a plugin without it is tolerated.', NO_GRPC),
  pending(57, 'Shutdown counts as orderly when its reply is lost.', NO_GRPC),
  pending(
    58,
    'Brokered connections without multiplexing work in both directions, and each step gives up after 5 s.',
    NO_GRPC,
  ),
  pending(
    59,
    'Brokered connections with multiplexing work in both directions, one knock at a time; an unknown id is refused with a text.',
    NO_GRPC,
  ),
  pending(60, 'A stream without a knock is one more connection to the main server.', NO_GRPC),
  pending(61, 'The authorities unused and localhost are both accepted.', NO_GRPC),
  pending(62, 'A plugin may send messages over 4 MiB to its host.', NO_GRPC),
  pending(
    63,
    'Replies of trailers alone, uncompressed messages, frames cut anywhere and a reset in the middle are dealt with.',
    NO_GRPC,
  ),
  pending(64, 'A connection a Go host closed because nothing happened is opened again.', NO_GRPC),
  pending(
    65,
    'Under AutoMTLS, TLS is around yamux for net/rpc, and inside each stream of yamux for multiplexed gRPC.',
    NO_TLS,
  ),
  pending(
    66,
    'Certificates on P-256 and P-521 serve in both roles; field 6 is base64 without padding.',
    NO_TLS,
  ),
  pending(67, 'A foreign certificate, or none, is refused by the plugin and by the host.', NO_TLS),
  pending(68, 'TLS older than 1.2 is refused, and the server is called localhost.', NO_TLS),
  pending(69, 'Brokered connections use the same certificates, both ways.', NO_TLS),
  pending(
    70,
    'Records of every level with pairs, without time, with odd times, lists, and numbers for texts never do harm and have a sensible level.',
    NO_TEST,
  ),
  pending(
    71,
    'Our records have texts for level, message and time, with six digits of the second; a Go host shows the right level.',
    NO_TEST,
  ),
  pending(72, 'The block a dying Go program prints is kept whole and told with the failure.', NO_TEST),
  pending(73, 'A line of 1 MiB without an end costs no more memory than the limit of a line.', NO_TEST),
  pending(
    74,
    'Kill may be repeated, and returns in bounded time when the plugin is stopped or never answers; its process group is gone.',
    NO_TEST,
  ),
  pending(
    75,
    'A crash is followed by a start with growing pauses; calls in between fail by declared policy, and the host stays up.',
    NO_TEST,
  ),
  pending(
    76,
    'A swap under 64 callers fails no call, ends the old process and answers by the new one.',
    NO_TEST,
  ),
  pending(77, 'A broken newcomer leaves the old one serving and its reason visible.', NO_TEST),
  pending(78, 'A deleted socket of a running gRPC plugin is noticed and repaired.', NO_GRPC),
  pending(
    79,
    '200 crashes and starts leave no descriptor, process or listener behind and no growing memory.',
    NO_TEST,
  ),
  pending(
    80,
    'Reattaching by protocol, version, address and pid works, and a kill in test mode leaves the plugin alive.',
    NO_TLS,
  ),
  pending(81, 'A plugin whose host was killed does not survive the next start of that host.', NO_TEST),
];

function pending(number: number, text: string, why: string): PendingStatement {
  return { title: `${number}. ${text}`, why };
}
