/*
 * A load generator for four protocols: MoaT-KV's client protocol, Redis' RESP, MQTT 3.1.1, and a plain echo of MoaT-KV's
 * bytes. One thread, epoll, closed loop with a sliding window; the same program, work and clock for every server, so that
 * ratios between them mean something. Prints one JSON object.
 *
 *   load PROTOCOL WORK HOST PORT CONNECTIONS IN_FLIGHT TOTAL KEYS VALUE_BYTES [LAYOUT [WATCH_PORT [WATCH_TOPIC]]]
 *
 * PROTOCOL  moat | resp | mqtt | echo
 * WORK      get | set | fill (each key once, in order) | watch (connection 0 sets, the others watch) | tree
 * LAYOUT    deep (four levels, 20 x 50 x 50 x n) | wide (all keys below one entry) | few (default: bench.NNNNNNN)
 * WATCH_PORT   where the watchers connect: another server of the same network (default: PORT)
 * WATCH_TOPIC  WATCH_PORT is an MQTT broker, and its messages on this topic are the events
 *
 * Times are microseconds from the send() that carried a request to the recv() that carried its last byte of answer.
 */
#define _GNU_SOURCE
#include "messages.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 16, BUFFER = 1 << 20, SEND_MAX = 1 << 18 };

struct conn {
  int fd;
  enum protocol protocol;
  unsigned char *in;
  size_t in_len, in_cap;
  double sent_at[RING];
  uint64_t sent, answered;
  uint64_t events;
};

static const char *watch_topic = "";
static long connections, in_flight, total;
static double *samples;
static long sample_count;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
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
    size_t next = skip_answer(c->protocol, c->in, 0, c->in_len);
    if (next) {
      memmove(c->in, c->in + next, c->in_len -= next);
      count--;
    } else receive(c);
  }
}

static void open_conn(struct conn *c, const char *host, int port, enum protocol protocol) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int one = 1;
  inet_pton(AF_INET, host, &to.sin_addr);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->in = malloc(c->in_cap = BUFFER);
  c->protocol = protocol;
  if (protocol == MQTT) {
    unsigned char out[64];
    send_all(c->fd, out, put_connect(out) - out);
  }
  if (protocol == MOAT || protocol == MQTT) await_messages(c, 1); /* the greeting, CONNACK */
}

static void start_watching(struct conn *c) {
  unsigned char out[256], *p = out;
  if (c->protocol == MQTT) p = put_subscribe(p, *watch_topic ? watch_topic : "bench");
  else if (c->protocol == RESP) {
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
  while ((next = skip_answer(c->protocol, c->in, at, c->in_len))) {
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
  int echo = protocol == ECHO;
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
      while ((next = skip_answer(c->protocol, c->in, at, c->in_len))) {
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
      while ((next = skip_answer(c->protocol, c->in, at, c->in_len))) last = at, at = next;
      ended = at == c->in_len && at && memmem(c->in + last, at - last, "\xa3" "end", 4) != NULL;
    }
    c->in_len = 0;
    samples[sample_count++] = now_us() - t;
  }
  report((now_us() - start) / 1e6, total);
}

static enum protocol protocol_of(const char *name) {
  const char *names[] = {"moat", "resp", "mqtt", "echo"};
  for (int i = 0; i < 4; i++)
    if (!strcmp(name, names[i])) return i;
  fprintf(stderr, "load: unknown protocol %s\n", name);
  exit(2);
}

int main(int argc, char **argv) {
  if (argc < 10) {
    fprintf(stderr, "load PROTOCOL WORK HOST PORT CONNECTIONS IN_FLIGHT TOTAL KEYS VALUE_BYTES [LAYOUT [WATCH_PORT [WATCH_TOPIC]]]\n");
    return 2;
  }
  protocol = protocol_of(argv[1]), work = argv[2];
  int port = atoi(argv[4]);
  connections = atol(argv[5]), in_flight = atol(argv[6]), total = atol(argv[7]), keys = atol(argv[8]);
  value_bytes = atol(argv[9]);
  if (argc > 10) layout = argv[10];
  int watch_port = argc > 11 ? atoi(argv[11]) : port;
  if (argc > 12) watch_topic = argv[12];
  if (value_bytes > 255 || in_flight >= RING) return fprintf(stderr, "load: at most 255 value bytes\n"), 2;
  value = malloc(value_bytes + 1);
  for (long i = 0; i < value_bytes; i++) value[i] = 'a' + i % 26;
  samples = malloc(sizeof *samples * (total + connections * in_flight + 1));

  struct conn *conns = calloc(connections, sizeof *conns);
  int epoll = epoll_create1(0);
  for (long i = 0; i < connections; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &conns[i]};
    int watches = i > 0 && !strcmp(work, "watch");
    open_conn(&conns[i], argv[3], watches ? watch_port : port, watches && *watch_topic ? MQTT : protocol);
    if (watches) start_watching(&conns[i]);
    fcntl(conns[i].fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &e);
  }
  if (protocol == ECHO) { /* every request has one size: the sequence number is written in full */
    unsigned char probe[1024];
    keys = 1;
    request_bytes = put_request(probe) - probe;
  }
  if (!strcmp(work, "watch")) run_watch(conns, epoll);
  else if (!strcmp(work, "tree")) run_tree(&conns[0]);
  else run_requests(conns, epoll);
  return 0;
}
