// A B+ tree: tables by row id and indexes by value live in it. Entries are in the leaves, which are chained for scans.
#pragma once
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

template <class Key, class Data, class Less>
class BTree {
  static constexpr size_t kMost = 64;
  static constexpr size_t kLeast = kMost / 2;

  struct Node {
    bool leaf = true;
    std::vector<Key> keys;
    /** Inner nodes: one more than keys; what is below `kids[i]` is less than `keys[i]`, the rest is not. */
    std::vector<std::unique_ptr<Node>> kids;
    /** Leaves: one for each key. */
    std::vector<Data> data;
    Node* next = nullptr;
  };
  struct Split {
    Key key;
    std::unique_ptr<Node> right;
  };

 public:
  class Cursor {
   public:
    Cursor(Node* node, size_t at) : node_(node), at_(at) { settle(); }
    bool valid() const { return node_ != nullptr; }
    const Key& key() const { return node_->keys[at_]; }
    Data& data() const { return node_->data[at_]; }
    void next() {
      at_++;
      settle();
    }

   private:
    void settle() {
      while (node_ && at_ >= node_->keys.size()) {
        node_ = node_->next;
        at_ = 0;
      }
    }
    Node* node_;
    size_t at_;
  };

  size_t size() const { return size_; }

  Cursor begin() const {
    Node* node = root_.get();
    while (!node->leaf) node = node->kids.front().get();
    return Cursor(node, 0);
  }

  /** The first entry that is not less than `key`. */
  Cursor from(const Key& key) const {
    Node* node = root_.get();
    while (!node->leaf) node = node->kids[below(*node, key)].get();
    return Cursor(node, std::lower_bound(node->keys.begin(), node->keys.end(), key, less_) - node->keys.begin());
  }

  Data* find(const Key& key) const {
    Cursor cursor = from(key);
    return cursor.valid() && !less_(key, cursor.key()) ? &cursor.data() : nullptr;
  }

  /** False when the key is there already. */
  bool insert(const Key& key, Data data) {
    bool added = true;
    if (auto split = insert(*root_, key, std::move(data), added)) {
      auto root = std::make_unique<Node>();
      root->leaf = false;
      root->keys.push_back(std::move(split->key));
      root->kids.push_back(std::move(root_));
      root->kids.push_back(std::move(split->right));
      root_ = std::move(root);
    }
    size_ += added;
    return added;
  }

  bool erase(const Key& key) {
    const bool erased = erase(*root_, key);
    if (!root_->leaf && root_->kids.size() == 1) root_ = std::unique_ptr<Node>(std::move(root_->kids.front()));
    size_ -= erased;
    return erased;
  }

 private:
  size_t below(const Node& node, const Key& key) const {
    return std::upper_bound(node.keys.begin(), node.keys.end(), key, less_) - node.keys.begin();
  }

  std::unique_ptr<Split> insert(Node& node, const Key& key, Data data, bool& added) {
    if (node.leaf) {
      const size_t at = std::lower_bound(node.keys.begin(), node.keys.end(), key, less_) - node.keys.begin();
      if (at < node.keys.size() && !less_(key, node.keys[at])) return added = false, nullptr;
      node.keys.insert(node.keys.begin() + at, key);
      node.data.insert(node.data.begin() + at, std::move(data));
    } else {
      const size_t at = below(node, key);
      auto split = insert(*node.kids[at], key, std::move(data), added);
      if (!split) return nullptr;
      node.keys.insert(node.keys.begin() + at, std::move(split->key));
      node.kids.insert(node.kids.begin() + at + 1, std::move(split->right));
    }
    return node.keys.size() > kMost ? split_in_half(node) : nullptr;
  }

  std::unique_ptr<Split> split_in_half(Node& node) {
    const size_t half = node.keys.size() / 2;
    auto split = std::make_unique<Split>();
    split->key = node.keys[half];
    split->right = std::make_unique<Node>();
    Node& right = *split->right;
    right.leaf = node.leaf;
    // The middle key of an inner node moves up; that of a leaf stays with its data.
    const size_t first = node.leaf ? half : half + 1;
    move_tail(node.keys, first, right.keys);
    node.keys.resize(half);
    if (node.leaf) {
      move_tail(node.data, half, right.data);
      right.next = node.next;
      node.next = &right;
    } else {
      move_tail(node.kids, half + 1, right.kids);
    }
    return split;
  }

  template <class T>
  static void move_tail(std::vector<T>& from, size_t first, std::vector<T>& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin() + first), std::make_move_iterator(from.end()));
    from.erase(from.begin() + first, from.end());
  }

  bool erase(Node& node, const Key& key) {
    if (node.leaf) {
      const size_t at = std::lower_bound(node.keys.begin(), node.keys.end(), key, less_) - node.keys.begin();
      if (at >= node.keys.size() || less_(key, node.keys[at])) return false;
      node.keys.erase(node.keys.begin() + at);
      node.data.erase(node.data.begin() + at);
      return true;
    }
    const size_t at = below(node, key);
    if (!erase(*node.kids[at], key)) return false;
    if (node.kids[at]->keys.size() < kLeast) refill(node, at);
    return true;
  }

  /** A child that is less than half full takes an entry from a neighbour, or becomes one with it. */
  void refill(Node& node, size_t at) {
    if (at > 0 && node.kids[at - 1]->keys.size() > kLeast) return borrow_left(node, at);
    if (at + 1 < node.kids.size() && node.kids[at + 1]->keys.size() > kLeast) return borrow_right(node, at);
    merge(node, at > 0 ? at - 1 : at);
  }

  void borrow_left(Node& node, size_t at) {
    Node& kid = *node.kids[at];
    Node& left = *node.kids[at - 1];
    if (kid.leaf) {
      kid.keys.insert(kid.keys.begin(), std::move(left.keys.back()));
      kid.data.insert(kid.data.begin(), std::move(left.data.back()));
      left.data.pop_back();
      node.keys[at - 1] = kid.keys.front();
    } else {
      kid.keys.insert(kid.keys.begin(), std::move(node.keys[at - 1]));
      kid.kids.insert(kid.kids.begin(), std::move(left.kids.back()));
      left.kids.pop_back();
      node.keys[at - 1] = std::move(left.keys.back());
    }
    left.keys.pop_back();
  }

  void borrow_right(Node& node, size_t at) {
    Node& kid = *node.kids[at];
    Node& right = *node.kids[at + 1];
    if (kid.leaf) {
      kid.keys.push_back(std::move(right.keys.front()));
      kid.data.push_back(std::move(right.data.front()));
      right.data.erase(right.data.begin());
      right.keys.erase(right.keys.begin());
      node.keys[at] = right.keys.front();
    } else {
      kid.keys.push_back(std::move(node.keys[at]));
      kid.kids.push_back(std::move(right.kids.front()));
      right.kids.erase(right.kids.begin());
      node.keys[at] = std::move(right.keys.front());
      right.keys.erase(right.keys.begin());
    }
  }

  void merge(Node& node, size_t at) {
    if (at + 1 >= node.kids.size()) return;
    Node& left = *node.kids[at];
    Node& right = *node.kids[at + 1];
    if (left.leaf) {
      move_tail(right.data, 0, left.data);
      left.next = right.next;
    } else {
      left.keys.push_back(std::move(node.keys[at]));
      move_tail(right.kids, 0, left.kids);
    }
    move_tail(right.keys, 0, left.keys);
    node.keys.erase(node.keys.begin() + at);
    node.kids.erase(node.kids.begin() + at + 1);
  }

  std::unique_ptr<Node> root_ = std::make_unique<Node>();
  size_t size_ = 0;
  Less less_;
};
