/** The text that Prometheus reads. The only file that knows which library writes it. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Metric } from './metric.ts'

export interface MetricsPage {
  readonly contentType: string
  print(): Promise<string>
}

/** All of these metrics and those of the process itself. */
export function openMetricsPage(metrics: readonly Metric[]): MetricsPage {
  const registry = new Registry()
  for (const metric of metrics) register(registry, metric)
  collectDefaultMetrics({ register: registry })
  return { contentType: registry.contentType, print: () => registry.metrics() }
}

function register(registry: Registry, metric: Metric): void {
  const { name, help, kind, labels } = metric
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  if (kind === 'gauge') {
    const gauge = new Gauge({
      ...common,
      collect: () => {
        gauge.reset()
        // The library would print 0 for what has no labels and no value.
        if (labels.length === 0) gauge.remove()
        for (const sample of metric.read()) gauge.set(sample.labels, sample.value)
      },
    })
  } else {
    const counter = new Counter({
      ...common,
      collect: () => {
        counter.reset()
        for (const sample of metric.read()) counter.inc(sample.labels, sample.value)
      },
    })
  }
}
