// SPDX-License-Identifier: MIT
// Whatever the layout, the depth, the threads, the window and the order in which chunks arrive: the image is restored
// within the bounds.
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "restore_core/engine/fake_chunk_source.h"
#include "restore_core/engine/memory_sink.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/test_image.h"

namespace depthfinder {
namespace {

using testing_support::Encoding;
using testing_support::FakeChunkSource;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;

EngineSettings any_settings() {
  EngineSettings settings;
  settings.depth = *rc::gen::inRange(1, 20);
  settings.threads = *rc::gen::inRange(1, 5);
  settings.decode_on =
      *rc::gen::element(DecodeOn::consumer, DecodeOn::workers, DecodeOn::lanes, DecodeOn::fetchers);
  settings.writers = *rc::gen::inRange(0, 4);
  settings.buffers = *rc::gen::element(ChunkMemory::pool, ChunkMemory::fresh);
  settings.chunk_cache = *rc::gen::inRange(0, 4);
  settings.coalesce = *rc::gen::arbitrary<bool>();
  settings.zero_order = *rc::gen::element(ZeroOrder::in_order, ZeroOrder::first);
  return settings;
}

RC_GTEST_PROP(RestoreEngineProperty, RestoresAnyImageInAnyOrder, ()) {
  const auto letters = *rc::gen::resize(
      24, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('0', 'a', 'b', 'c', 'd'))));
  const auto encoding =
      *rc::gen::element(Encoding::plain, Encoding::compressed, Encoding::encrypted_compressed);
  const auto last_bytes = *rc::gen::inRange<std::uint64_t>(1, kTestChunkSize + 1);
  const auto image = make_test_image(letters, encoding, last_bytes);
  const EngineSettings settings = any_settings();
  FakeChunkSource source(image, FakeChunkSource::Completion::in_random_order,
                         *rc::gen::arbitrary<std::uint64_t>());
  const auto damaged = *rc::gen::inRange<std::size_t>(0, letters.size());
  source.damage(damaged, 1);
  MemorySink sink(image.index.image_bytes);
  sink.permit_writers(*rc::gen::inRange(1, 4));
  if (*rc::gen::arbitrary<bool>()) sink.set_window(*rc::gen::inRange<std::uint64_t>(1, 6) * kTestChunkSize);

  const auto stats = restore_image(image.job(), settings, source, sink, {}, {});

  RC_ASSERT(stats.has_value());
  RC_ASSERT(sink.bytes() == image.bytes);
  RC_ASSERT(sink.finished());
  RC_ASSERT(source.outstanding_max() <= static_cast<std::size_t>(settings.depth));
  RC_ASSERT(settings.buffers == ChunkMemory::fresh ||
            source.distinct_buffers() <= 2 * static_cast<std::size_t>(settings.depth));
  RC_ASSERT(stats->chunk_latency.size() + stats->coalesced + stats->cache_hits ==
            image.index.chunk_count() - image.zero_count());
}

}  // namespace
}  // namespace depthfinder
