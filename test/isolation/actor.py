"""Sends packets of every kind from inside a namespace, and serves: one JSON line a command, one a result."""
import json, socket, struct, sys, threading, time

SO_BINDTODEVICE = 25
PACKET_QDISC_BYPASS = 20
kept = []


def family(to):
    return socket.AF_INET6 if ":" in to else socket.AF_INET


def address(to, port):
    return socket.getaddrinfo(to, port, family(to), socket.SOCK_DGRAM)[0][4]


def opened(to, kind, protocol=0, device=None, port=None, **_):
    made = socket.socket(family(to), kind, protocol)
    made.settimeout(0.4)
    if device:
        made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())
    return made


def udp(to, port, device=None, source=0, data="", **_):
    with opened(to, socket.SOCK_DGRAM, device=device) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if source:
            made.bind(("", source))
        made.sendto(bytes.fromhex(data) or b"cordon", address(to, port))


def flood(to, port, seconds, **_):
    """Sends all the time, whether there is a way or not."""
    until = time.monotonic() + seconds
    with opened(to, socket.SOCK_DGRAM) as made:
        while time.monotonic() < until:
            try:
                made.sendto(b"cordon", address(to, port))
            except OSError:
                time.sleep(0.001)


def tcp(to, port, source=0, sender="", keep=False, data="", **_):
    made = opened(to, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if source or sender:
        made.bind((sender, source))
    try:
        made.connect(address(to, port))
        made.send(bytes.fromhex(data) or b"cordon")
    except BaseException:
        made.close()
        raise
    kept.append(made) if keep else made.close()


def kept_flows(**_):
    failed = 0
    for made in kept:
        try:
            made.send(b"cordon")
        except OSError:
            failed += 1
    return {"failed": failed}


def ping(to, **_):
    protocol = socket.IPPROTO_ICMPV6 if ":" in to else socket.IPPROTO_ICMP
    with opened(to, socket.SOCK_RAW, protocol) as made:
        # The kernel fills in the checksum of ICMPv6 only.
        made.sendto(struct.pack("!BBHHH", 128 if ":" in to else 8, 0, 0 if ":" in to else 0xF7FD, 1, 1), address(to, 0))


def raw(to, sender, **_):
    """IP_HDRINCL: every byte of the packet is ours."""
    with opened(to, socket.SOCK_RAW, socket.IPPROTO_RAW) as made:
        body = struct.pack("!HHHH", 4000, 4000, 14, 0) + b"cordon"
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, 17, 0, socket.inet_aton(sender), socket.inet_aton(to))
        made.sendto(head + body, (to, 0))


def frame(device, bypass=False, **_):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as made:
        if bypass:
            made.setsockopt(263, PACKET_QDISC_BYPASS, 1)
        made.bind((device, 0))
        made.send(bytes.fromhex("ffffffffffff02000000000288b5") + b"cordon" * 10)


def xdp(device, **_):
    """AF_XDP in copy mode: rings are memory of our own, and nf_tables never sees what is sent."""
    import ctypes, mmap, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    made = socket.socket(44, socket.SOCK_RAW, 0)
    kept.append(made)
    size = 16 * 4096
    memory = mmap.mmap(-1, size)
    where = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    made.setsockopt(283, 4, struct.pack("QQIII4x", where, size, 4096, 0, 0))
    for option in (5, 6, 3):
        made.setsockopt(283, option, struct.pack("I", 16))
    offsets = struct.unpack("16Q", made.getsockopt(283, 1, 128))
    producer, _, descriptors, _ = offsets[4:8]
    ring = mmap.mmap(made.fileno(), descriptors + 16 * 16, mmap.MAP_SHARED | mmap.MAP_POPULATE, mmap.PROT_READ | mmap.PROT_WRITE, offset=0x80000000)
    libc.bind(made.fileno(), struct.pack("HHIII", 44, 2, socket.if_nametoindex(device), 0, 0), 16)
    packet = bytes.fromhex("ffffffffffff02000000000288b5") + b"cordon" * 10
    memory[0 : len(packet)] = packet
    ring[descriptors : descriptors + 16] = struct.pack("QII", 0, len(packet), 0)
    ring[producer : producer + 4] = struct.pack("I", 1)
    libc.sendto(made.fileno(), None, 0, socket.MSG_DONTWAIT, None, 0)
    kept.extend([memory, ring])


def serve(ports, **_):
    for port in ports:
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::", port))
        listener.listen(50)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        echo = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        echo.bind(("::", port))
        threading.Thread(target=answer, args=(echo,), daemon=True).start()


def accept(listener):
    while True:
        kept.append(listener.accept()[0])


def answer(echo):
    while True:
        data, sender = echo.recvfrom(2048)
        try:
            echo.sendto(data, sender)
        except OSError:
            pass


kinds = {f.__name__: f for f in (udp, flood, tcp, kept_flows, ping, raw, frame, xdp, serve)}
print(json.dumps({"event": "ready"}), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    try:
        result = kinds[command["do"]](**{k: v for k, v in command.items() if k not in ("do", "number")}) or {}
    except Exception as error:
        result = {"error": str(error)}
    print(json.dumps({"event": "did", "number": command["number"], **result}), flush=True)
