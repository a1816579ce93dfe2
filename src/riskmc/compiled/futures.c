/* Draws futures: keyed normals, causes combined, persistence and distributions, in one pass.
 *
 * Plays the steps that the sampler records (src/riskmc/sampling/recorded.py), a year at a time and
 * CHUNK draws at a time, so that a row goes from generator to distribution in the cache. Compiled
 * without contraction of products and sums, and with the special functions of SciPy itself, so
 * that every number is that of NumPy and SciPy to the bit. Before any of it is used, Python
 * compares a sample of each with NumPy's.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define CHUNK 512

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))
#define EACH _Pragma("GCC ivdep") for (int i = 0; i < n; i++)

/* ---- Random numbers: SFC64 (Doty-Humphrey), keyed by a hash of words (O'Neill's seed_seq). */

typedef struct { uint64_t a, b, c, counter; } Stream;

INLINE uint64_t next(Stream *s)
{
  const uint64_t found = s->a + s->b + s->counter++;
  s->a = s->b ^ (s->b >> 11);
  s->b = s->c + (s->c << 3);
  s->c = ((s->c << 24) | (s->c >> 40)) + found;
  return found;
}

/* Uniform on [0, 1): 53 bits. */
INLINE double uniform(Stream *s) { return (next(s) >> 11) * 0x1p-53; }

#define POOL 4

INLINE uint32_t hashed(uint32_t value, uint32_t *by, const uint32_t factor)
{
  value ^= *by;
  *by *= factor;
  value *= *by;
  return value ^ (value >> 16);
}

INLINE uint32_t mixed(const uint32_t x, const uint32_t y)
{
  const uint32_t found = 0xca01f9ddu * x - 0x4973f715u * y;
  return found ^ (found >> 16);
}

/* Open `count` streams, each keyed by `length` words. */
void riskmc_open(const uint32_t *words, const int length, const int64_t count, Stream *streams)
{
  for (int64_t k = 0; k < count; k++, words += length) {
    uint32_t pool[POOL], state[6], by = 0x43b0d7e5u;
    for (int i = 0; i < POOL; i++) pool[i] = hashed(i < length ? words[i] : 0, &by, 0x931e8875u);
    for (int from = 0; from < POOL; from++)
      for (int to = 0; to < POOL; to++)
        if (from != to) pool[to] = mixed(pool[to], hashed(pool[from], &by, 0x931e8875u));
    for (int from = POOL; from < length; from++)
      for (int to = 0; to < POOL; to++)
        pool[to] = mixed(pool[to], hashed(words[from], &by, 0x931e8875u));
    by = 0x8b51f9ddu;
    for (int i = 0; i < 6; i++) state[i] = hashed(pool[i % POOL], &by, 0x58f38dedu);
    streams[k].a = state[0] | (uint64_t)state[1] << 32;
    streams[k].b = state[2] | (uint64_t)state[3] << 32;
    streams[k].c = state[4] | (uint64_t)state[5] << 32;
    streams[k].counter = 1;
    for (int i = 0; i < 12; i++) next(streams + k);
  }
}

/* ---- Standard normals: the ziggurat of Marsaglia and Tsang (2000), 256 layers, 52 bits. */

#define LAYERS 256
#define SCALE 0x1p52
static const double LAST = 3.6541528853610088, INVERSE = 0.27366123732975827;
static uint64_t inside[LAYERS];
static double width[LAYERS], height[LAYERS];

static void make_ziggurat(void)
{
  const double area = 0.004928673233974652;
  double x = LAST;
  width[LAYERS - 1] = x / SCALE;
  height[LAYERS - 1] = exp(-0.5 * x * x);
  inside[0] = (uint64_t)nearbyint(x * height[LAYERS - 1] / area * SCALE);
  width[0] = area / height[LAYERS - 1] / SCALE;
  height[0] = 1.0;
  for (int i = LAYERS - 2; i > 0; i--) {
    const double beyond = x;
    x = sqrt(-2.0 * log(area / beyond + height[i + 1]));
    inside[i + 1] = (uint64_t)nearbyint(x / beyond * SCALE);
    width[i] = x / SCALE;
    height[i] = exp(-0.5 * x * x);
    if (i == 38) height[i] = 0.6773880362187735; /* NumPy's, where exp is the last bit lower */
  }
  inside[1] = 0;
}

/* What becomes of the one in a hundred that lies at the edge of its layer; 0: draw again. */
static __attribute__((noinline)) int at_the_edge(Stream *s, const uint64_t bits, const int layer,
                                                 const double x, double *out)
{
  if (layer == 0) {
    for (;;) {
      const double beyond = -INVERSE * log1p(-uniform(s));
      const double enough = -log1p(-uniform(s));
      if (enough + enough > beyond * beyond) {
        *out = (bits >> 8) & 1 ? -(LAST + beyond) : LAST + beyond;
        return 1;
      }
    }
  }
  const double y = (height[layer - 1] - height[layer]) * uniform(s) + height[layer];
  *out = x;
  return y < exp(-0.5 * x * x);
}

INLINE void normals(Stream *from, double *out, const int64_t n)
{
  Stream s = *from;
  for (int64_t i = 0; i < n;) {
    uint64_t bits = next(&s);
    const int layer = bits & 0xff;
    bits >>= 8;
    const uint64_t sign = bits & 1;
    bits = (bits >> 1) & 0x000fffffffffffffu;
    union { double number; uint64_t bits; } x;
    x.number = (double)(int64_t)bits * width[layer];
    x.bits ^= sign << 63;
    if (__builtin_expect(bits < inside[layer], 1)) {
      out[i++] = x.number;
    } else {
      Stream here = s;
      i += at_the_edge(&here, bits, layer, x.number, out + i);
      s = here;
    }
  }
  *from = s;
}

FOR_EVERY_PROCESSOR
void riskmc_normals(Stream *stream, double *out, const int64_t n) { normals(stream, out, n); }

/* ---- Special functions: SciPy's own, handed in once. In the middle, where they are quotients of
 * polynomials (Moshier's Cephes), they are worked out here, many at a time, to the same bit. */

typedef double (*Special)(double, int);
static Special ndtr, ndtri;
static int by_hand;

void riskmc_prepare(Special cdf, Special quantile, const int in_the_middle)
{
  ndtr = cdf;
  ndtri = quantile;
  by_hand = in_the_middle;
  make_ziggurat();
}

/* Half the error function of z / sqrt(2), for abs(z) < sqrt(2). */
INLINE double half_error(const double z)
{
  const double x = z * 0.70710678118654752440, s = x * x;
  double above = 9.60497373987051638749E0;
  above = above * s + 9.00260197203842689217E1;
  above = above * s + 2.23200534594684319226E3;
  above = above * s + 7.00332514112805075473E3;
  above = above * s + 5.55923013010394962768E4;
  double below = s + 3.35617141647503099647E1;
  below = below * s + 5.21357949780152679795E2;
  below = below * s + 4.59432382970980127987E3;
  below = below * s + 2.26290000613890934246E4;
  below = below * s + 4.92673942608635921086E4;
  return 0.5 * (x * above / below);
}

INLINE int in_the_middle(const double z) { return fabs(z * 0.70710678118654752440) < 1.0; }

/* Probabilities below and above each z. */
INLINE void tails(const double *z, double *lower, double *upper, const int n)
{
  int where[CHUNK], m = 0;
  EACH {
    const double half = half_error(z[i]);
    lower[i] = 0.5 + half;
    upper[i] = 0.5 - half;
  }
  for (int i = 0; i < n; i++) {
    where[m] = i;
    m += !(by_hand & in_the_middle(z[i]));
  }
  for (int j = 0; j < m; j++) {
    const int i = where[j];
    lower[i] = ndtr(z[i], 0);
    upper[i] = ndtr(-z[i], 0);
  }
}

#define LEAST 0.13533528323661269189 /* exp(-2) */

/* The z below which lies each probability; `out` is not p. */
INLINE void quantiles(const double *p, double *out, const int n)
{
  int where[CHUNK], m = 0;
  EACH {
    const double y = p[i] - 0.5, s = y * y;
    double above = -5.99633501014107895267E1;
    above = above * s + 9.80010754185999661536E1;
    above = above * s + -5.66762857469070293439E1;
    above = above * s + 1.39312609387279679503E1;
    above = above * s + -1.23916583867381258016E0;
    double below = s + 1.95448858338141759834E0;
    below = below * s + 4.67627912898881538453E0;
    below = below * s + 8.63602421390890590575E1;
    below = below * s + -2.25462687854119370527E2;
    below = below * s + 2.00260212380060660359E2;
    below = below * s + -8.20372256168333339912E1;
    below = below * s + 1.59056225126211695515E1;
    below = below * s + -1.18331621121330003142E0;
    out[i] = (y + y * (s * above / below)) * 2.50662827463100050242E0;
  }
  for (int i = 0; i < n; i++) {
    where[m] = i;
    m += !(by_hand & (p[i] > LEAST) & (p[i] <= 1.0 - LEAST));
  }
  for (int j = 0; j < m; j++) out[where[j]] = ndtri(p[where[j]], 0);
}

/* For the comparison with SciPy's. */
FOR_EVERY_PROCESSOR
void riskmc_special(const double *z, double *lower, double *upper, double *back, const int64_t n)
{
  for (int64_t i = 0; i < n; i += CHUNK) {
    const int m = n - i < CHUNK ? (int)(n - i) : CHUNK;
    tails(z + i, lower + i, upper + i, m);
    quantiles(lower + i, back + i, m);
  }
}

/* ---- Distributions. The kinds stand in the order of `KINDS` in recorded.py. */

enum { FIXED, SCALED, TABLE, UNIFORM, EVENT, MIXTURE, PIECE };

typedef struct {
  int32_t kind, first, count, intervals;
  double p[6];
  const double *base, *rise, *bend;
} Form;

INLINE double limited(double x, const double low, const double high)
{
  x = x < low ? low : x; /* what is no number passes */
  return x > high ? high : x;
}

INLINE void table(const Form *f, const double *z, double *out, const int n)
{
  const double *restrict base = f->base, *restrict rise = f->rise, *restrict bend = f->bend;
  const double scale = f->p[0], shift = f->p[1], top = f->p[2], low = f->p[3], high = f->p[4];
  EACH {
    double x = limited(z[i] * scale + shift, 0.0, top);
    int32_t k = (int32_t)x;
    k = k < 0 ? 0 : k;
    x -= k;
    const double value = (bend[k] * (x - 1.0) + rise[k]) * x + base[k];
    out[i] = limited(value, low, high);
  }
}

/* Of the families that have no others inside. */
INLINE void simple(const Form *f, const double *z, double *out, const int n)
{
  const double *p = f->p;
  switch (f->kind) {
    case FIXED: EACH out[i] = p[0]; break;
    case SCALED: EACH out[i] = z[i] * p[0] + p[1]; break;
    case TABLE: table(f, z, out, n); break;
    case UNIFORM:
    {
      double lower[CHUNK], upper[CHUNK];
      tails(z, lower, upper, n);
      EACH out[i] = lower[i];
    }
      if (p[2] != 0.0) EACH {
        const double value = out[i] * p[0] + p[1];
        out[i] = value > p[3] ? p[3] : value;
      }
      break;
  }
}

#define TINY 1e-300
#define EPSILON 0x1p-53

/* A number that is none stays so; else nothing, or a size where it happens. */
INLINE void event(const Form *forms, const Form *f, const double *z, double *out, const int n)
{
  int where[CHUNK], m = 0;
  double own[CHUNK];
  for (int i = 0; i < n; i++) {
    where[m] = i;
    own[m] = z[i];
    m += z[i] > f->p[0];
    out[i] = z[i] == z[i] ? 0.0 : z[i];
  }
  double lower[CHUNK], upper[CHUNK];
  tails(own, lower, upper, m);
  for (int j = 0; j < m; j++) upper[j] = limited(upper[j] / f->p[1], TINY, 1.0 - EPSILON);
  quantiles(upper, own, m);
  for (int j = 0; j < m; j++) own[j] = -own[j];
  simple(forms + f->first, own, own, m);
  for (int j = 0; j < m; j++) out[where[j]] = own[j];
}

INLINE void mixture(const Form *forms, const Form *f, const double *z, double *out, const int n)
{
  int where[CHUNK];
  double own[CHUNK];
  EACH out[i] = NAN;
  for (const Form *piece = forms + f->first; piece < forms + f->first + f->count; piece++) {
    const double *p = piece->p;
    const Form *inner = forms + piece->first;
    int m = 0;
    for (int i = 0; i < n; i++) {
      where[m] = i;
      own[m] = z[i];
      m += (z[i] > p[0]) & (z[i] <= p[1]);
    }
    if (inner->kind != FIXED) {
      double lower[CHUNK], upper[CHUNK], less[CHUNK];
      tails(own, lower, upper, m);
      for (int j = 0; j < m; j++) {
        lower[j] = limited((lower[j] - p[2]) / p[4], 0.0, 1.0);
        upper[j] = limited((upper[j] - p[3]) / p[4], 0.0, 1.0);
        less[j] = lower[j] < upper[j] ? lower[j] : upper[j];
        less[j] = less[j] > TINY ? less[j] : TINY;
      }
      quantiles(less, own, m);
      for (int j = 0; j < m; j++) own[j] = lower[j] < upper[j] ? own[j] : -own[j];
    }
    simple(inner, own, own, m);
    for (int j = 0; j < m; j++) out[where[j]] = own[j];
  }
}

INLINE void value(const Form *forms, const Form *f, const double *z, double *out, const int n)
{
  if (f->kind != EVENT && f->kind != MIXTURE) {
    simple(f, z, out, n);
    return;
  }
  double here[CHUNK]; /* the result may be written over z */
  memcpy(here, z, n * sizeof(double));
  if (f->kind == EVENT) event(forms, f, here, out, n);
  else mixture(forms, f, here, out, n);
}

/* ---- Steps. The kinds stand in the order of `STEPS` in recorded.py. */

enum { FILL, OPPOSITES, COMBINE, VALUE, COPY };

typedef struct { int32_t kind, to, from, first, count; } Step;
typedef struct { double factor; int64_t row; } Term;

typedef struct {
  const Step *steps;
  const int64_t *ends; /* of the steps of each part: a year of a group of drivers */
  int64_t parts;
  const Term *terms;
  const Form *forms;
  Stream *streams;
  double *spare;       /* CHUNK doubles a row of number 0 and up */
  double *const *rows; /* all draws: rows of number -1 and down */
  int64_t draws;
} Plan;

INLINE double *row_of(const Plan *plan, const int64_t row, const int64_t start)
{
  return row >= 0 ? plan->spare + row * CHUNK : plan->rows[-1 - row] + start;
}

/* Sum of factor times row, term by term in the order given; `to` may be the first row. */
INLINE void combine(const Plan *plan, const Term *term, int count, double *to,
                    const int64_t start, const int n)
{
  const double *a = row_of(plan, term[0].row, start);
  const double x = term[0].factor;
  int done = 1;
  if (count >= 3) {
    const double *b = row_of(plan, term[1].row, start), *c = row_of(plan, term[2].row, start);
    const double y = term[1].factor, w = term[2].factor;
    EACH to[i] = a[i] * x + b[i] * y + c[i] * w;
    done = 3;
  } else if (count == 2) {
    const double *b = row_of(plan, term[1].row, start);
    const double y = term[1].factor;
    EACH to[i] = a[i] * x + b[i] * y;
    done = 2;
  } else {
    EACH to[i] = a[i] * x;
  }
  for (; done < count; done++) {
    const double *b = row_of(plan, term[done].row, start);
    const double y = term[done].factor;
    EACH to[i] = to[i] + b[i] * y;
  }
}

INLINE void play(const Plan *plan, const Step *step, const Step *end, const int64_t start,
                 const int n)
{
  for (; step < end; step++) {
    double *to = row_of(plan, step->to, start);
    switch (step->kind) {
      case FILL: normals(plan->streams + step->from, to, n); break;
      case OPPOSITES: {
        double half[CHUNK / 2];
        normals(plan->streams + step->from, half, n / 2);
        for (int i = 0; i < n / 2; i++) {
          to[2 * i] = half[i];
          to[2 * i + 1] = -half[i];
        }
      } break;
      case COMBINE: combine(plan, plan->terms + step->first, step->count, to, start, n); break;
      case VALUE: {
        const double *z = row_of(plan, step->from, start);
        value(plan->forms, plan->forms + step->first, z, to, n);
      } break;
      case COPY: memcpy(to, row_of(plan, step->from, start), n * sizeof(double)); break;
    }
  }
}

/* Part by part for all draws, which are a whole number of chunks. */
FOR_EVERY_PROCESSOR
void riskmc_draw(const Plan *plan)
{
  const Step *first = plan->steps;
  for (int64_t part = 0; part < plan->parts; part++) {
    const Step *end = plan->steps + plan->ends[part];
    for (int64_t start = 0; start < plan->draws; start += CHUNK)
      play(plan, first, end, start, CHUNK);
    first = end;
  }
}
