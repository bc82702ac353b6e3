/*
 * A load generator for three protocols: MoaT-KV's client protocol, Redis' RESP, and a plain echo of MoaT-KV's bytes.
 * One thread, epoll, closed loop with a sliding window; the same program, work and clock for every server, so that
 * ratios between them mean something. Prints one JSON object.
 *
 *   load PROTOCOL WORK HOST PORT CONNECTIONS IN_FLIGHT TOTAL KEYS VALUE_BYTES [LAYOUT [WATCH_PORT]]
 *
 * PROTOCOL  moat | resp | echo
 * WORK      get | set | fill (each key once, in order) | watch (connection 0 sets, the others watch) | tree
 * LAYOUT    deep (four levels, 20 x 50 x 50 x n) | wide (all keys below one entry) | few (default: bench.NNNNNNN)
 * WATCH_PORT  where the watchers connect: another server of the same network (default: PORT)
 *
 * Times are microseconds from the send() that carried a request to the recv() that carried its last byte of answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 16, BUFFER = 1 << 20, SEND_MAX = 1 << 18 };

struct conn {
  int fd;
  unsigned char *in;
  size_t in_len, in_cap;
  double sent_at[RING];
  uint64_t sent, answered;
  uint64_t events;
};

static const char *protocol, *work, *layout = "few";
static long connections, in_flight, total, keys, value_bytes;
static unsigned char *value;
static double *samples;
static long sample_count;
static uint64_t seq_next = 1, key_next;
static uint64_t rng = 88172645463325252ull;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static uint64_t random64(void) {
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* ---- writing requests ---- */

static unsigned char *put(unsigned char *p, const void *from, size_t n) {
  memcpy(p, from, n);
  return p + n;
}
static unsigned char *put_text(unsigned char *p, const char *text) {
  size_t n = strlen(text);
  *p++ = 0xa0 | n; /* all of ours are shorter than 32 */
  return put(p, text, n);
}
static unsigned char *put_u32(unsigned char *p, uint32_t n) {
  *p++ = 0xce, *p++ = n >> 24, *p++ = n >> 16, *p++ = n >> 8, *p++ = n;
  return p;
}

static int key_text(char *out, uint64_t k, const char *separator) {
  if (!strcmp(layout, "deep"))
    return sprintf(out, "b%llu%sc%llu%sd%llu%se%llu", (unsigned long long)(k % 20), separator,
                   (unsigned long long)(k / 20 % 50), separator, (unsigned long long)(k / 1000 % 50), separator,
                   (unsigned long long)(k / 50000));
  return sprintf(out, "bench%s%07llu", separator, (unsigned long long)k);
}

/* The path as ext 3: the elements' encodings one after the other. */
static unsigned char *put_path(unsigned char *p, uint64_t k) {
  char text[80];
  unsigned char body[96], *b = body;
  key_text(text, k, ".");
  for (char *part = strtok(text, "."); part; part = strtok(NULL, ".")) b = put_text(b, part);
  size_t n = b - body;
  if (n == 1 || n == 2 || n == 4 || n == 8 || n == 16)
    *p++ = 0xd4 + (n == 1 ? 0 : n == 2 ? 1 : n == 4 ? 2 : n == 8 ? 3 : 4), *p++ = 3;
  else
    *p++ = 0xc7, *p++ = n, *p++ = 3;
  return put(p, body, n);
}

static unsigned char *put_moat(unsigned char *p, int is_set, uint64_t k) {
  *p++ = is_set ? 0x85 : 0x83;
  p = put_text(p, "seq"), p = put_u32(p, seq_next++);
  p = put_text(p, "action"), p = put_text(p, is_set ? "set_value" : "get_value");
  p = put_text(p, "path"), p = put_path(p, k);
  if (is_set) {
    p = put_text(p, "value"), *p++ = 0xc4, *p++ = value_bytes, p = put(p, value, value_bytes);
    p = put_text(p, "nchain"), *p++ = 0;
  }
  return p;
}

static unsigned char *put_resp(unsigned char *p, const char *verb, uint64_t k, int with_value) {
  char key[80], head[160];
  int key_len = key_text(key, k, ".");
  int n = sprintf(head, "*%d\r\n$%zu\r\n%s\r\n$%d\r\n%s\r\n", with_value ? 3 : 2, strlen(verb), verb, key_len, key);
  p = put(p, head, n);
  if (with_value) {
    n = sprintf(head, "$%ld\r\n", value_bytes);
    p = put(p, head, n), p = put(p, value, value_bytes), p = put(p, "\r\n", 2);
  }
  return p;
}

static unsigned char *put_request(unsigned char *p) {
  int is_get = !strcmp(work, "get");
  uint64_t k = !strcmp(work, "fill") ? key_next++ : !strcmp(work, "watch") ? key_next++ % keys : random64() % keys;
  if (!strcmp(protocol, "resp")) {
    if (!strcmp(work, "watch")) return put_resp(p, "PUBLISH", 0, 1);
    return is_get ? put_resp(p, "GET", k, 0) : put_resp(p, "SET", k, 1);
  }
  return put_moat(p, !is_get, k);
}

/* ---- reading answers: the offset behind one whole message, 0 if there is more to come ---- */

static size_t skip_msgpack(const unsigned char *b, size_t at, size_t end) {
  uint64_t pending = 1;
  while (pending) {
    if (at >= end) return 0;
    unsigned char c = b[at++];
    size_t size_bytes = 0, body = 0;
    uint64_t items = 0;
    pending--;
    if (c < 0x80 || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3) continue;
    if (c < 0x90) items = (c & 15) * 2;
    else if (c < 0xa0) items = c & 15;
    else if (c < 0xc0) body = c & 31;
    else if (c == 0xc4 || c == 0xd9) size_bytes = 1;
    else if (c == 0xc5 || c == 0xda) size_bytes = 2;
    else if (c == 0xc6 || c == 0xdb) size_bytes = 4;
    else if (c >= 0xc7 && c <= 0xc9) size_bytes = 1 << (c - 0xc7), body = 1;
    else if (c == 0xca || c == 0xce || c == 0xd2) body = 4;
    else if (c == 0xcb || c == 0xcf || c == 0xd3) body = 8;
    else if (c == 0xcc || c == 0xd0) body = 1;
    else if (c == 0xcd || c == 0xd1) body = 2;
    else if (c >= 0xd4 && c <= 0xd8) body = 1 + (1 << (c - 0xd4));
    else if (c == 0xdc || c == 0xde) size_bytes = 2;
    else if (c == 0xdd || c == 0xdf) size_bytes = 4;
    if (size_bytes) {
      if (at + size_bytes > end) return 0;
      uint64_t n = 0;
      for (size_t i = 0; i < size_bytes; i++) n = n << 8 | b[at++];
      if (c == 0xdc || c == 0xdd) items = n;
      else if (c == 0xde || c == 0xdf) items = n * 2;
      else body += n;
    }
    if (at + body > end) return 0;
    at += body;
    pending += items;
  }
  return at;
}

static size_t skip_resp(const unsigned char *b, size_t at, size_t end) {
  long pending = 1;
  while (pending--) {
    unsigned char *eol = memmem(b + at, end - at, "\r\n", 2);
    if (!eol) return 0;
    long n = atol((const char *)b + at + 1);
    unsigned char c = b[at];
    at = eol - b + 2;
    if (c == '$' && n >= 0) {
      at += n + 2;
      if (at > end) return 0;
    } else if (c == '*') pending += n;
  }
  return at;
}

static size_t skip_answer(const unsigned char *b, size_t at, size_t end) {
  if (at >= end) return 0;
  return strcmp(protocol, "resp") ? skip_msgpack(b, at, end) : skip_resp(b, at, end);
}

/* ---- connections ---- */

static void send_all(int fd, const unsigned char *p, size_t n) {
  while (n) {
    ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (done <= 0) die("send");
    p += done, n -= done;
  }
}

static void receive(struct conn *c) {
  if (c->in_cap - c->in_len < BUFFER / 2) c->in = realloc(c->in, c->in_cap = c->in_cap * 2 + BUFFER);
  ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
  if (n == 0) fprintf(stderr, "load: the server closed the connection\n"), exit(1);
  if (n < 0 && errno != EAGAIN && errno != EINTR) die("recv");
  if (n > 0) c->in_len += n;
}

/* Reads until `count` whole messages are there, and drops them. */
static void await_messages(struct conn *c, long count) {
  while (count) {
    size_t next = skip_answer(c->in, 0, c->in_len);
    if (next) {
      memmove(c->in, c->in + next, c->in_len -= next);
      count--;
    } else receive(c);
  }
}

static void open_conn(struct conn *c, const char *host, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int one = 1;
  inet_pton(AF_INET, host, &to.sin_addr);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->in = malloc(c->in_cap = BUFFER);
  if (!strcmp(protocol, "moat")) await_messages(c, 1); /* the greeting */
}

static void start_watching(struct conn *c) {
  unsigned char out[256], *p = out;
  if (!strcmp(protocol, "resp")) {
    char key[80];
    int n = key_text(key, 0, ".");
    p += sprintf((char *)p, "*2\r\n$9\r\nSUBSCRIBE\r\n$%d\r\n%s\r\n", n, key);
  } else {
    *p++ = 0x83, p = put_text(p, "seq"), *p++ = 1, p = put_text(p, "action"), p = put_text(p, "watch");
    p = put_text(p, "path"), *p++ = 0x91, p = put_text(p, "bench");
  }
  send_all(c->fd, out, p - out);
  await_messages(c, 1);
}

/* ---- work ---- */

static void fill_window(struct conn *c, uint64_t *issued) {
  static unsigned char out[SEND_MAX + 4096];
  unsigned char *p = out;
  double t = now_us();
  while (c->sent - c->answered < (uint64_t)in_flight && *issued < (uint64_t)total && p - out < SEND_MAX) {
    p = put_request(p);
    c->sent_at[c->sent++ % RING] = t;
    ++*issued;
  }
  if (p > out) send_all(c->fd, out, p - out);
}

static void take_answers(struct conn *c) {
  size_t at = 0, next;
  double t;
  receive(c);
  t = now_us();
  while ((next = skip_answer(c->in, at, c->in_len))) {
    at = next;
    samples[sample_count++] = t - c->sent_at[c->answered++ % RING];
  }
  memmove(c->in, c->in + at, c->in_len -= at);
}

static size_t request_bytes; /* of the echo's fixed-size messages */
static void take_echo(struct conn *c) {
  receive(c);
  double t = now_us();
  size_t n = c->in_len / request_bytes;
  for (size_t i = 0; i < n; i++) samples[sample_count++] = t - c->sent_at[c->answered++ % RING];
  memmove(c->in, c->in + n * request_bytes, c->in_len -= n * request_bytes);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void report(double seconds, double count) {
  qsort(samples, sample_count, sizeof *samples, compare);
#define AT(q) (sample_count ? samples[(long)((sample_count - 1) * (q))] : 0.0)
  printf("{\"perSecond\":%.0f,\"seconds\":%.4f,\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"maxUs\":%.1f}\n",
         count / seconds, seconds, AT(.5), AT(.99), AT(.999), AT(1));
}

static void run_requests(struct conn *conns, int epoll) {
  uint64_t issued = 0;
  struct epoll_event events[64];
  int echo = !strcmp(protocol, "echo");
  double start = now_us();
  for (long i = 0; i < connections; i++) fill_window(&conns[i], &issued);
  while (sample_count < total) {
    int n = epoll_wait(epoll, events, 64, 10000);
    if (n == 0) fprintf(stderr, "load: no answer for 10 s after %ld of %ld\n", sample_count, total), exit(1);
    for (int i = 0; i < n; i++) {
      struct conn *c = events[i].data.ptr;
      echo ? take_echo(c) : take_answers(c);
      fill_window(c, &issued);
    }
  }
  report((now_us() - start) / 1e6, total);
}

/* Connection 0 sets; an event counts as delivered when the last watcher has it. */
static void run_watch(struct conn *conns, int epoll) {
  uint64_t issued = 0, watchers = connections - 1;
  uint16_t *left = calloc(RING, sizeof *left);
  struct epoll_event events[128];
  double start = now_us();
  fill_window(&conns[0], &issued);
  uint64_t done = 0;
  while (done < (uint64_t)total) {
    int n = epoll_wait(epoll, events, 128, 10000);
    if (n == 0) fprintf(stderr, "load: no event for 10 s after %lu of %ld\n", done, total), exit(1);
    for (int i = 0; i < n; i++) {
      struct conn *c = events[i].data.ptr;
      size_t at = 0, next;
      receive(c);
      double t = now_us();
      while ((next = skip_answer(c->in, at, c->in_len))) {
        at = next;
        if (c == &conns[0]) continue; /* replies to the sets: the window is paced by the events */
        uint64_t which = c->events++;
        if (++left[which % RING] == watchers) {
          left[which % RING] = 0;
          samples[sample_count++] = t - conns[0].sent_at[which % RING];
          conns[0].answered = ++done;
        }
      }
      memmove(c->in, c->in + at, c->in_len -= at);
    }
    fill_window(&conns[0], &issued);
  }
  report((now_us() - start) / 1e6, (double)total * watchers);
}

/* One get_tree, `total` times: from the request to the message that ends the stream. */
static void run_tree(struct conn *c) {
  double start = now_us();
  for (long i = 0; i < total; i++) {
    unsigned char out[128], *p = out;
    *p++ = 0x83, p = put_text(p, "seq"), p = put_u32(p, seq_next++), p = put_text(p, "action");
    p = put_text(p, "get_tree"), p = put_text(p, "path"), *p++ = 0x91, p = put_text(p, "bench");
    double t = now_us();
    send_all(c->fd, out, p - out);
    size_t at = 0, next, last = 0;
    for (int ended = 0; !ended;) {
      receive(c);
      while ((next = skip_answer(c->in, at, c->in_len))) last = at, at = next;
      ended = at == c->in_len && at && memmem(c->in + last, at - last, "\xa3" "end", 4) != NULL;
    }
    c->in_len = 0;
    samples[sample_count++] = now_us() - t;
  }
  report((now_us() - start) / 1e6, total);
}

int main(int argc, char **argv) {
  if (argc < 10) {
    fprintf(stderr, "load PROTOCOL WORK HOST PORT CONNECTIONS IN_FLIGHT TOTAL KEYS VALUE_BYTES [LAYOUT [WATCH_PORT]]\n");
    return 2;
  }
  protocol = argv[1], work = argv[2];
  int port = atoi(argv[4]);
  connections = atol(argv[5]), in_flight = atol(argv[6]), total = atol(argv[7]), keys = atol(argv[8]);
  value_bytes = atol(argv[9]);
  if (argc > 10) layout = argv[10];
  int watch_port = argc > 11 ? atoi(argv[11]) : port;
  if (value_bytes > 255 || in_flight >= RING) return fprintf(stderr, "load: at most 255 value bytes\n"), 2;
  value = malloc(value_bytes + 1);
  for (long i = 0; i < value_bytes; i++) value[i] = 'a' + i % 26;
  samples = malloc(sizeof *samples * (total + connections * in_flight + 1));

  struct conn *conns = calloc(connections, sizeof *conns);
  int epoll = epoll_create1(0);
  for (long i = 0; i < connections; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &conns[i]};
    open_conn(&conns[i], argv[3], i > 0 && !strcmp(work, "watch") ? watch_port : port);
    if (!strcmp(work, "watch") && i > 0) start_watching(&conns[i]);
    fcntl(conns[i].fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &e);
  }
  if (!strcmp(protocol, "echo")) { /* every request has one size: the sequence number is written in full */
    unsigned char probe[1024];
    keys = 1;
    request_bytes = put_request(probe) - probe;
  }
  if (!strcmp(work, "watch")) run_watch(conns, epoll);
  else if (!strcmp(work, "tree")) run_tree(&conns[0]);
  else run_requests(conns, epoll);
  return 0;
}
