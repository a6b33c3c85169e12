// SPDX-License-Identifier: MIT
#include "scenarios/scenario.h"

#include <algorithm>

namespace depthfinder {
namespace {

// Every cell with every value.
template <typename Value>
void multiply(std::vector<Cell>& cells, const std::vector<Value>& values, Value Cell::*member) {
  std::vector<Cell> product;
  product.reserve(cells.size() * values.size());
  for (const Cell& cell : cells)
    for (const Value& value : values) {
      product.push_back(cell);
      product.back().*member = value;
    }
  cells = std::move(product);
}

}  // namespace

std::vector<Cell> expand_cells(const Scenario& scenario) {
  const Axes& axes = scenario.axes;
  std::vector<Cell> product(1);
  multiply(product, axes.strategy, &Cell::strategy);
  multiply(product, axes.depth, &Cell::depth);
  multiply(product, axes.threads, &Cell::threads);
  multiply(product, axes.connections, &Cell::connections);
  multiply(product, axes.writers, &Cell::writers);
  multiply(product, axes.buffers, &Cell::buffers);
  multiply(product, axes.chunk_cache, &Cell::chunk_cache);
  multiply(product, axes.http2_window_bytes, &Cell::http2_window_bytes);
  multiply(product, axes.http2_frame_bytes, &Cell::http2_frame_bytes);
  multiply(product, axes.sha_ni, &Cell::sha_ni);
  multiply(product, axes.vectors, &Cell::vectors);
  std::vector<Cell> cells;
  for (const Cell& made : product) {
    Cell cell = runnable(made);
    if (std::find(cells.begin(), cells.end(), cell) == cells.end()) cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace depthfinder
