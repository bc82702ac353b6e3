# A satellite for 9 kB of heap and MicroPython 1.9: one frame at a time, no tasks, hand-made messages. Slot 0 counts, slot 1 is
# set; 99 ends the program. Proves that the link is small; not for use.
import micropython
import random
from microbit import running_time, sleep, uart

T = (0, 25768, 51536, 44536, 59387, 33619, 11947, 18947, 47789, 56837, 29693, 5973, 23894, 14846, 37894, 61614)


def send(d):
    c = 0
    for v in d:
        c = T[(v >> 4 ^ c) & 15] ^ c >> 4
        c = T[(v ^ c) & 15] ^ c >> 4
    uart.write(bytes([133, len(d)]) + d + bytes([c >> 8, c & 255]))


def right(b, n):
    c = 0
    for i in range(2, n + 4):
        if i < n + 2:
            v = b[i]
            c = T[(v >> 4 ^ c) & 15] ^ c >> 4
            c = T[(v ^ c) & 15] ^ c >> 4
    return c == b[n + 2] << 8 | b[n + 3]


def noise(n):
    return bytes([random.randrange(256) for i in range(n)])


def loop():
    micropython.kbd_intr(-1)
    uart.init(115200)
    boot = noise(2)
    state = n = want = count = told = sent = heard = 0
    nonce = noise(8)
    host = out = None
    todo = []
    b = b""
    while True:
        now = running_time()
        d = uart.read(64)
        if d:
            b += d
        while len(b) > 1:
            k = b[1]
            if b[0] != 133 or not 0 < k < 128:
                b = b[1:]
                continue
            if len(b) < k + 4:
                if now - heard > 300 and not d:
                    b = b[1:]
                    continue
                break
            if not right(b, k):
                b = b[1:]
                continue
            f = b[2 : k + 2]
            b = b[k + 4 :]
            heard = now
            c = f[0]
            if c == 192:
                if f[1] == 4:
                    state = 0
                    nonce = noise(8)
                elif f[1] == 2 and not (state and f[-9:-1] == host):
                    host = f[-9:-1]
                    state = 1
                    n = want = sent = 0
                    out = None
                    todo = [b"\x93\xfe\x00\xa1n", b"\x99\xfe\x01\xa4lamp\xc0\xc0\xc0\xc0\xc0\x03"]
                continue
            if not state:
                continue
            state = 2
            if out and c & 7 == n + 1 & 7:
                out = None
                n += 1
            if c >> 6 == 0:
                if c >> 3 == want & 7:
                    want += 1
                    i = 1
                    while i < k:
                        v = []
                        for _ in range(f[i] & 15):
                            i += 1
                            x = f[i]
                            if x == 204:
                                i += 1
                                x = f[i]
                            v.append(x)
                        i += 1
                        if v[0] == 1:
                            if v[1] == 99:
                                raise ValueError("told to end")
                            todo.append(bytes([0x93, 0xFD, v[2], 0xC3, 0x92, 1, 0xCC, v[1]]))
                send(bytes([64 | (n + bool(out) & 7) << 3 | want & 7]))
        if state and now - heard > 5000:
            state = 0
            nonce = noise(8)
        if state < 2:
            if now - sent > 300:
                sent = now
                if state:
                    send(b"\xc0\x03\xc4\x08" + host)
                else:
                    send(b"\xc0\x01\x01\xa4nano\xc4\x01N\xcd" + boot + b"\x02\xc4\x08nano0001\x00\xc4\x08" + nonce)
        else:
            if not out:
                if todo:
                    out = todo.pop(0)
                elif now - told > 99:
                    told = now
                    count += 1
                    out = b"\x92\x00\xcd" + bytes([count >> 8 & 255, count & 255])
                sent = now - 150
            if out and now - sent > 149:
                sent = now
                send(bytes([(n & 7) << 3 | want & 7]) + out)
        sleep(1)


loop()
