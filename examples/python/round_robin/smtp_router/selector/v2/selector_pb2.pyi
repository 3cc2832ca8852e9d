from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DownstreamState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOWNSTREAM_STATE_UNSPECIFIED: _ClassVar[DownstreamState]
    DOWNSTREAM_STATE_UP: _ClassVar[DownstreamState]
    DOWNSTREAM_STATE_PROBING: _ClassVar[DownstreamState]
    DOWNSTREAM_STATE_THROTTLED: _ClassVar[DownstreamState]
    DOWNSTREAM_STATE_DOWN: _ClassVar[DownstreamState]
    DOWNSTREAM_STATE_DISABLED: _ClassVar[DownstreamState]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_DEFER: _ClassVar[Verdict]
    VERDICT_REJECT: _ClassVar[Verdict]
    VERDICT_HOLD: _ClassVar[Verdict]
DOWNSTREAM_STATE_UNSPECIFIED: DownstreamState
DOWNSTREAM_STATE_UP: DownstreamState
DOWNSTREAM_STATE_PROBING: DownstreamState
DOWNSTREAM_STATE_THROTTLED: DownstreamState
DOWNSTREAM_STATE_DOWN: DownstreamState
DOWNSTREAM_STATE_DISABLED: DownstreamState
VERDICT_UNSPECIFIED: Verdict
VERDICT_DEFER: Verdict
VERDICT_REJECT: Verdict
VERDICT_HOLD: Verdict

class DescribeRequest(_message.Message):
    __slots__ = ("contract_version",)
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    def __init__(self, contract_version: _Optional[int] = ...) -> None: ...

class DescribeReply(_message.Message):
    __slots__ = ("contract_version", "name", "version", "headers")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    name: str
    version: str
    headers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contract_version: _Optional[int] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., headers: _Optional[_Iterable[str]] = ...) -> None: ...

class ConfigureRequest(_message.Message):
    __slots__ = ("contract_version", "selector", "config_json")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    CONFIG_JSON_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    selector: str
    config_json: str
    def __init__(self, contract_version: _Optional[int] = ..., selector: _Optional[str] = ..., config_json: _Optional[str] = ...) -> None: ...

class ConfigureReply(_message.Message):
    __slots__ = ("contract_version", "problems")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    problems: _containers.RepeatedCompositeFieldContainer[ConfigureProblem]
    def __init__(self, contract_version: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[ConfigureProblem, _Mapping]]] = ...) -> None: ...

class ConfigureProblem(_message.Message):
    __slots__ = ("path", "message")
    PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    path: str
    message: str
    def __init__(self, path: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SelectRequest(_message.Message):
    __slots__ = ("contract_version", "request_id", "dry_run", "timeout_ms", "attempt", "now", "seed", "session", "envelope", "message", "downstreams", "history")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DOWNSTREAMS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    request_id: str
    dry_run: bool
    timeout_ms: int
    attempt: int
    now: int
    seed: int
    session: Session
    envelope: Envelope
    message: Message
    downstreams: _containers.RepeatedCompositeFieldContainer[Downstream]
    history: _containers.RepeatedCompositeFieldContainer[HistoryEntry]
    def __init__(self, contract_version: _Optional[int] = ..., request_id: _Optional[str] = ..., dry_run: _Optional[bool] = ..., timeout_ms: _Optional[int] = ..., attempt: _Optional[int] = ..., now: _Optional[int] = ..., seed: _Optional[int] = ..., session: _Optional[_Union[Session, _Mapping]] = ..., envelope: _Optional[_Union[Envelope, _Mapping]] = ..., message: _Optional[_Union[Message, _Mapping]] = ..., downstreams: _Optional[_Iterable[_Union[Downstream, _Mapping]]] = ..., history: _Optional[_Iterable[_Union[HistoryEntry, _Mapping]]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("listener", "client_address", "helo", "is_tls", "user")
    LISTENER_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    HELO_FIELD_NUMBER: _ClassVar[int]
    IS_TLS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    listener: str
    client_address: str
    helo: str
    is_tls: bool
    user: str
    def __init__(self, listener: _Optional[str] = ..., client_address: _Optional[str] = ..., helo: _Optional[str] = ..., is_tls: _Optional[bool] = ..., user: _Optional[str] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("mail_from", "mail_parameters", "recipients")
    MAIL_FROM_FIELD_NUMBER: _ClassVar[int]
    MAIL_PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    mail_from: str
    mail_parameters: _containers.RepeatedScalarFieldContainer[str]
    recipients: _containers.RepeatedCompositeFieldContainer[Recipient]
    def __init__(self, mail_from: _Optional[str] = ..., mail_parameters: _Optional[_Iterable[str]] = ..., recipients: _Optional[_Iterable[_Union[Recipient, _Mapping]]] = ...) -> None: ...

class Recipient(_message.Message):
    __slots__ = ("id", "address", "domain")
    ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    id: int
    address: str
    domain: str
    def __init__(self, id: _Optional[int] = ..., address: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class Message(_message.Message):
    __slots__ = ("size_bytes", "message_id", "subject", "headers")
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    size_bytes: int
    message_id: str
    subject: str
    headers: _containers.RepeatedCompositeFieldContainer[Header]
    def __init__(self, size_bytes: _Optional[int] = ..., message_id: _Optional[str] = ..., subject: _Optional[str] = ..., headers: _Optional[_Iterable[_Union[Header, _Mapping]]] = ..., **kwargs) -> None: ...

class Header(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Downstream(_message.Message):
    __slots__ = ("id", "addr", "user", "weight", "labels", "cost", "has_cost", "capabilities", "state", "latency_ms", "has_latency", "in_flight")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    ADDR_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    HAS_COST_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    HAS_LATENCY_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    id: str
    addr: str
    user: str
    weight: int
    labels: _containers.ScalarMap[str, str]
    cost: float
    has_cost: bool
    capabilities: Capabilities
    state: DownstreamState
    latency_ms: int
    has_latency: bool
    in_flight: int
    def __init__(self, id: _Optional[str] = ..., addr: _Optional[str] = ..., user: _Optional[str] = ..., weight: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., cost: _Optional[float] = ..., has_cost: _Optional[bool] = ..., capabilities: _Optional[_Union[Capabilities, _Mapping]] = ..., state: _Optional[_Union[DownstreamState, str]] = ..., latency_ms: _Optional[int] = ..., has_latency: _Optional[bool] = ..., in_flight: _Optional[int] = ...) -> None: ...

class Capabilities(_message.Message):
    __slots__ = ("known", "max_size_bytes", "eight_bit_mime", "smtp_utf8", "dsn", "chunking")
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    EIGHT_BIT_MIME_FIELD_NUMBER: _ClassVar[int]
    SMTP_UTF8_FIELD_NUMBER: _ClassVar[int]
    DSN_FIELD_NUMBER: _ClassVar[int]
    CHUNKING_FIELD_NUMBER: _ClassVar[int]
    known: bool
    max_size_bytes: int
    eight_bit_mime: bool
    smtp_utf8: bool
    dsn: bool
    chunking: bool
    def __init__(self, known: _Optional[bool] = ..., max_size_bytes: _Optional[int] = ..., eight_bit_mime: _Optional[bool] = ..., smtp_utf8: _Optional[bool] = ..., dsn: _Optional[bool] = ..., chunking: _Optional[bool] = ...) -> None: ...

class HistoryEntry(_message.Message):
    __slots__ = ("downstream_id", "recipient_ids", "started_at", "duration_ms", "phase", "code", "enhanced_code", "text", "kind")
    DOWNSTREAM_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_IDS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ENHANCED_CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    downstream_id: str
    recipient_ids: _containers.RepeatedScalarFieldContainer[int]
    started_at: int
    duration_ms: int
    phase: str
    code: int
    enhanced_code: str
    text: str
    kind: str
    def __init__(self, downstream_id: _Optional[str] = ..., recipient_ids: _Optional[_Iterable[int]] = ..., started_at: _Optional[int] = ..., duration_ms: _Optional[int] = ..., phase: _Optional[str] = ..., code: _Optional[int] = ..., enhanced_code: _Optional[str] = ..., text: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class SelectReply(_message.Message):
    __slots__ = ("contract_version", "routes", "verdict", "code", "text", "reason")
    CONTRACT_VERSION_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    contract_version: int
    routes: _containers.RepeatedCompositeFieldContainer[Route]
    verdict: Verdict
    code: int
    text: str
    reason: str
    def __init__(self, contract_version: _Optional[int] = ..., routes: _Optional[_Iterable[_Union[Route, _Mapping]]] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., code: _Optional[int] = ..., text: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Route(_message.Message):
    __slots__ = ("recipient_ids", "candidate_ids")
    RECIPIENT_IDS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_IDS_FIELD_NUMBER: _ClassVar[int]
    recipient_ids: _containers.RepeatedScalarFieldContainer[int]
    candidate_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, recipient_ids: _Optional[_Iterable[int]] = ..., candidate_ids: _Optional[_Iterable[str]] = ...) -> None: ...
