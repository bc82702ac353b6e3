/*
 * What is said to the servers, and where an answer ends, in each protocol.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum protocol { MOAT, RESP, MQTT, ECHO };

static enum protocol protocol;
static const char *work, *layout = "few";
static long keys, value_bytes;
static unsigned char *value;
static uint64_t seq_next = 1, key_next;
static uint64_t rng = 88172645463325252ull;

static uint64_t random64(void) {
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
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

/* MQTT 3.1.1: a text with its length in two bytes. */
static unsigned char *put_mqtt_text(unsigned char *p, const char *text) {
  size_t n = strlen(text);
  *p++ = n >> 8, *p++ = n;
  return put(p, text, n);
}

/* CONNECT: a clean session without keep-alive; the broker makes up the client's name. */
static unsigned char *put_connect(unsigned char *p) {
  *p++ = 0x10, *p++ = 12;
  p = put_mqtt_text(p, "MQTT"), *p++ = 4, *p++ = 2, *p++ = 0, *p++ = 0;
  return put_mqtt_text(p, "");
}

static unsigned char *put_subscribe(unsigned char *p, const char *topic) {
  *p++ = 0x82, *p++ = 5 + strlen(topic), *p++ = 0, *p++ = 1;
  p = put_mqtt_text(p, topic), *p++ = 0;
  return p;
}

/* PUBLISH at QoS 0. */
static unsigned char *put_publish(unsigned char *p, const char *topic) {
  size_t n = 2 + strlen(topic) + value_bytes;
  *p++ = 0x30;
  if (n < 128) *p++ = n;
  else *p++ = 0x80 | (n & 127), *p++ = n >> 7; /* below 16 kB */
  p = put_mqtt_text(p, topic);
  return put(p, value, value_bytes);
}

static unsigned char *put_request(unsigned char *p) {
  int is_get = !strcmp(work, "get");
  uint64_t k = !strcmp(work, "fill") ? key_next++ : !strcmp(work, "watch") ? key_next++ % keys : random64() % keys;
  if (protocol == MQTT) return put_publish(p, "bench");
  if (protocol == RESP) {
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

static size_t skip_mqtt(const unsigned char *b, size_t at, size_t end) {
  size_t length = 0;
  int shift = 0;
  for (at++;; shift += 7) {
    if (at >= end) return 0;
    length |= (size_t)(b[at] & 127) << shift;
    if (!(b[at++] & 128)) break;
  }
  return at + length > end ? 0 : at + length;
}

static size_t skip_answer(enum protocol protocol, const unsigned char *b, size_t at, size_t end) {
  if (at >= end) return 0;
  if (protocol == MQTT) return skip_mqtt(b, at, end);
  return protocol == RESP ? skip_resp(b, at, end) : skip_msgpack(b, at, end);
}
