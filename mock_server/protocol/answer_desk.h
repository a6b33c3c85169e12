// SPDX-License-Identifier: MIT
// AnswerDesk: what a request of a reader session is answered, when, and with what damage: routes, time model and faults
// put together. It belongs to its session's thread, sends nothing and waits for nothing.
#pragma once

#include <optional>
#include <string>

#include "mock_server/protocol/reader_api.h"
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

// A request from its arrival until its last byte is with the kernel.
struct PendingRequest {
  std::string method, target;
  RequestTimeline timeline;
  ReaderAnswer answer = {};
  std::optional<FaultSpec> fault;
  SharedBlob blob = {};         // of its chunk, once borrowed; until the answer is taken
  std::uint64_t in_flight = 1;  // requests of all connections unanswered at its arrival, itself included
  bool closed = false, sent = false;  // its stream, its last byte
};

class AnswerDesk {
 public:
  AnswerDesk(Service& service, const SnapshotId& snapshot)
      : service_(service), api_(*service.datastore, snapshot) {}

  // Routes the request and lets the models decide: fills the answer, the fault and the timeline up to `ready`. Borrows the
  // chunk's blob already if there is memory for it.
  void plan(PendingRequest& request, Behaviour& behaviour, Nanoseconds path_delay);

  // False when there is no memory for the chunk now; true at once for other requests.
  [[nodiscard]] bool borrow_blob(PendingRequest& request);

  // The answer as its fault would have it, once the blob is borrowed; lets go of the blob.
  [[nodiscard]] HttpAnswer take_answer(PendingRequest& request);

 private:
  void plan_chunk(PendingRequest& request, Behaviour& behaviour, Nanoseconds path_delay);
  void plan_file(PendingRequest& request, Behaviour& behaviour);
  static void damage_file(HttpAnswer& answer, const FaultSpec& fault);
  void damage(HttpAnswer& answer, const FaultSpec& fault, const Digest& digest) const;

  Service& service_;
  ReaderApi api_;
};

}  // namespace depthfinder::mock
