import { QueryCache, QueryClient } from '@tanstack/vue-query'
import { ApiProblem } from '@/api'

const isWorthRetrying = (error: Error) => !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500

export const queryClient = new QueryClient({
  queryCache: new QueryCache(),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 8000),
    },
  },
})
