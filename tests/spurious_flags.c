/* Stands before numpy's own OpenBLAS and raises floating-point flags after every matrix product, although the product is
   right: so do Apple's Accelerate on an M4 and, now and then, some kernels of OpenBLAS (numpy issues 28687 and 29820).

       cc -shared -fPIC -o spurious_flags.so spurious_flags.c -ldl -lm
       SPURIOUS_FLAGS=m4 LD_PRELOAD=./spurious_flags.so python ...

   SPURIOUS_FLAGS=m4       divide by zero, overflow and invalid, of products with a side of 16 or more
   SPURIOUS_FLAGS=invalid  invalid, of every product */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fenv.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t integer;

static int is_openblas(struct dl_phdr_info *loaded, size_t size, void *handle) {
  (void)size;
  if (!strstr(loaded->dlpi_name, "openblas")) return 0;
  *(void **)handle = dlopen(loaded->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  return 1;
}

static void *numpys(const char *name) {
  static void *library;
  if (!library) dl_iterate_phdr(is_openblas, &library);
  void *function = library ? dlsym(library, name) : NULL;
  if (!function) {
    fprintf(stderr, "spurious_flags: numpy's OpenBLAS has no %s\n", name);
    abort();
  }
  return function;
}

static void raise_flags(integer rows, integer columns, integer inner) {
  const char *mode = getenv("SPURIOUS_FLAGS");
  if (!mode) return;
  if (!strcmp(mode, "invalid")) feraiseexcept(FE_INVALID);
  else if (rows > 15 || columns > 15 || inner > 15) feraiseexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID);
}

/* matrix times matrix, matrix times vector, matrix times its own transpose: what numpy calls for `@` and `np.dot` */

#define GEMM(name, number, scalar)                                                                                  \
  void name(int order, int transA, int transB, integer m, integer n, integer k, scalar alpha, const number *A,      \
            integer lda, const number *B, integer ldb, scalar beta, number *C, integer ldc) {                       \
    static void (*own)(int, int, int, integer, integer, integer, scalar, const number *, integer, const number *,   \
                       integer, scalar, number *, integer);                                                         \
    if (!own) own = numpys(#name);                                                                                  \
    own(order, transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc);                                       \
    raise_flags(m, n, k);                                                                                           \
  }

#define GEMV(name, number, scalar)                                                                                  \
  void name(int order, int trans, integer m, integer n, scalar alpha, const number *A, integer lda, const number *x, \
            integer incx, scalar beta, number *y, integer incy) {                                                   \
    static void (*own)(int, int, integer, integer, scalar, const number *, integer, const number *, integer,        \
                       scalar, number *, integer);                                                                  \
    if (!own) own = numpys(#name);                                                                                  \
    own(order, trans, m, n, alpha, A, lda, x, incx, beta, y, incy);                                                 \
    raise_flags(m, n, 1);                                                                                           \
  }

#define SYRK(name, number, scalar)                                                                                  \
  void name(int order, int part, int trans, integer n, integer k, scalar alpha, const number *A, integer lda,       \
            scalar beta, number *C, integer ldc) {                                                                  \
    static void (*own)(int, int, int, integer, integer, scalar, const number *, integer, scalar, number *, integer); \
    if (!own) own = numpys(#name);                                                                                  \
    own(order, part, trans, n, k, alpha, A, lda, beta, C, ldc);                                                     \
    raise_flags(n, n, k);                                                                                           \
  }

GEMM(scipy_cblas_sgemm64_, float, float)
GEMM(scipy_cblas_dgemm64_, double, double)
GEMM(scipy_cblas_cgemm64_, void, const void *)
GEMM(scipy_cblas_zgemm64_, void, const void *)
GEMV(scipy_cblas_sgemv64_, float, float)
GEMV(scipy_cblas_dgemv64_, double, double)
GEMV(scipy_cblas_cgemv64_, void, const void *)
GEMV(scipy_cblas_zgemv64_, void, const void *)
SYRK(scipy_cblas_ssyrk64_, float, float)
SYRK(scipy_cblas_dsyrk64_, double, double)
SYRK(scipy_cblas_csyrk64_, void, const void *)
SYRK(scipy_cblas_zsyrk64_, void, const void *)
