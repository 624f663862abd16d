# Receives what a service tells systemd, and prints each message as JSON: systemd.py PATH-or-@NAME WATCHDOG-SECONDS
# As systemd does, it closes the descriptor of a barrier, and says when the watchdog has not been fed for that long.
import array, json, os, socket, sys

path, limit = sys.argv[1], float(sys.argv[2])
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\0" + path[1:] if path.startswith("@") else path)


def tell(message):
    print(json.dumps(message), flush=True)


tell("listening")
while True:
    try:
        data, ancillary, _, _ = receiver.recvmsg(65536, 1024)
    except socket.timeout:
        tell("WATCHDOG IS LATE")
        receiver.settimeout(None)
        continue
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            for descriptor in array.array("i", content):
                os.close(descriptor)
    message = data.decode()
    if message == "WATCHDOG=1":
        receiver.settimeout(limit)
    if message != "BARRIER=1":
        tell(message)
