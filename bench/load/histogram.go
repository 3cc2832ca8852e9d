package main

import (
	"sort"
	"time"
)

// histogram keeps every latency: runs are short, exact quantiles are worth the memory.
type histogram struct{ values []time.Duration }

func (h *histogram) add(d time.Duration) { h.values = append(h.values, d) }

func (h *histogram) merge(other *histogram) { h.values = append(h.values, other.values...) }

// quantile answers milliseconds; 0 without values.
func (h *histogram) quantile(q float64) float64 {
	if len(h.values) == 0 {
		return 0
	}
	sort.Slice(h.values, func(i, j int) bool { return h.values[i] < h.values[j] })
	index := int(q * float64(len(h.values)-1))
	return float64(h.values[index]) / float64(time.Millisecond)
}
