import type { Kernel } from "./kernel.ts";
import { kernel as lostUpdate } from "./kernels/01-lost-update.ts";
import { kernel as doubleInit } from "./kernels/02-double-init.ts";
import { kernel as cacheStampede } from "./kernels/03-cache-stampede.ts";
import { kernel as tokenRefreshedTwice } from "./kernels/04-token-refreshed-twice.ts";
import { kernel as poolDoubleRelease } from "./kernels/05-pool-double-release.ts";
import { kernel as lateConnectionLost } from "./kernels/06-late-connection-lost.ts";
import { kernel as nestedTransaction } from "./kernels/07-nested-transaction.ts";
import { kernel as nestedLimiter } from "./kernels/08-nested-limiter.ts";
import { kernel as reentrantMutex } from "./kernels/09-reentrant-mutex.ts";
import { kernel as lockKeptAfterThrow } from "./kernels/10-lock-kept-after-throw.ts";
import { kernel as releaseWakesNobody } from "./kernels/11-release-wakes-nobody.ts";
import { kernel as abandonedWaiter } from "./kernels/12-abandoned-waiter.ts";
import { kernel as abortBeforeQueued } from "./kernels/13-abort-before-queued.ts";
import { kernel as limiterAdmitsTooMany } from "./kernels/14-limiter-admits-too-many.ts";
import { kernel as abortedJobNeverSettles } from "./kernels/15-aborted-job-never-settles.ts";
import { kernel as chunkLostToTimeout } from "./kernels/16-chunk-lost-to-timeout.ts";
import { kernel as selectRemovesAnother } from "./kernels/17-select-removes-another.ts";
import { kernel as idleTimeoutDestroysSocket } from "./kernels/18-idle-timeout-destroys-socket.ts";
import { kernel as transactionsInterleave } from "./kernels/19-transactions-interleave.ts";
import { kernel as checkThenCreate } from "./kernels/20-check-then-create.ts";
import { kernel as samePortTwice } from "./kernels/21-same-port-twice.ts";
import { kernel as rejectionBeforeHandler } from "./kernels/22-rejection-before-handler.ts";
import { kernel as detachedTask } from "./kernels/23-detached-task.ts";
import { kernel as listenerRetention } from "./kernels/24-listener-retention.ts";
import { kernel as eventBetweenAwaits } from "./kernels/25-event-between-awaits.ts";
import { kernel as unboundedQueue } from "./kernels/26-unbounded-queue.ts";
import { kernel as lockOrder } from "./kernels/27-lock-order.ts";
import { kernel as flagThenWait } from "./kernels/28-flag-then-wait.ts";
import { kernel as staleResponse } from "./kernels/29-stale-response.ts";
import { kernel as stateLagsRelease } from "./kernels/30-state-lags-release.ts";
import { kernel as workAfterFailure } from "./kernels/31-work-after-failure.ts";
import { kernel as closeRacesTakes } from "./kernels/32-close-races-takes.ts";
import { kernel as indexBeforeLoad } from "./kernels/33-index-before-load.ts";
import { kernel as semaphoreOverRelease } from "./kernels/34-semaphore-over-release.ts";
import { kernel as joinAfterDisconnect } from "./kernels/35-join-after-disconnect.ts";
import { kernel as slugGivenTwice } from "./kernels/36-slug-given-twice.ts";
import { kernel as folderAndItsFiles } from "./kernels/37-folder-and-its-files.ts";
import { kernel as unsubscribeAfterDisconnect } from "./kernels/38-unsubscribe-after-disconnect.ts";
import { kernel as reconnectCancelled } from "./kernels/39-reconnect-cancelled.ts";
import { kernel as requestBeforeOpen } from "./kernels/40-request-before-open.ts";
import { kernel as notifyOneOfTwoKinds } from "./kernels/41-notify-one-of-two-kinds.ts";
import { kernel as jobPromotedTwice } from "./kernels/42-job-promoted-twice.ts";
import { kernel as nobodyTakesTheAnswer } from "./kernels/43-nobody-takes-the-answer.ts";
import { kernel as jobOverlapsItself } from "./kernels/44-job-overlaps-itself.ts";

/** kernels is the corpus, by number. */
export const kernels: readonly Kernel[] = [
  lostUpdate,
  doubleInit,
  cacheStampede,
  tokenRefreshedTwice,
  poolDoubleRelease,
  lateConnectionLost,
  nestedTransaction,
  nestedLimiter,
  reentrantMutex,
  lockKeptAfterThrow,
  releaseWakesNobody,
  abandonedWaiter,
  abortBeforeQueued,
  limiterAdmitsTooMany,
  abortedJobNeverSettles,
  chunkLostToTimeout,
  selectRemovesAnother,
  idleTimeoutDestroysSocket,
  transactionsInterleave,
  checkThenCreate,
  samePortTwice,
  rejectionBeforeHandler,
  detachedTask,
  listenerRetention,
  eventBetweenAwaits,
  unboundedQueue,
  lockOrder,
  flagThenWait,
  staleResponse,
  stateLagsRelease,
  workAfterFailure,
  closeRacesTakes,
  indexBeforeLoad,
  semaphoreOverRelease,
  joinAfterDisconnect,
  slugGivenTwice,
  folderAndItsFiles,
  unsubscribeAfterDisconnect,
  reconnectCancelled,
  requestBeforeOpen,
  notifyOneOfTwoKinds,
  jobPromotedTwice,
  nobodyTakesTheAnswer,
  jobOverlapsItself,
];
