using System;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

/// <summary>
/// Posts what it reads: a line is a session's id and a body, and the status is printed. A line that comes meanwhile cancels the request,
/// and "cancelled" is printed.
/// </summary>
internal static class Post
{
    internal static async Task Run(HttpClient client, string url)
    {
        Task<string> reading = Read();
        for (string line = await reading; line != null; line = await reading)
        {
            using (var cancellation = new CancellationTokenSource())
            {
                Task<string> sending = Send(client, url, line.Split(new[] { ' ' }, 2), cancellation.Token);
                reading = Read();
                if (await Task.WhenAny(sending, reading) == reading)
                {
                    cancellation.Cancel();
                    reading = Read();
                }
                Console.WriteLine(await sending);
            }
        }
    }

    private static Task<string> Read() => Task.Run(() => Console.ReadLine());

    private static async Task<string> Send(HttpClient client, string url, string[] parts, CancellationToken cancelled)
    {
        using (var request = new HttpRequestMessage(HttpMethod.Post, url))
        {
            request.Content = new StringContent(parts[1], Encoding.UTF8, "application/json");
            request.Headers.Add("Mcp-Session-Id", parts[0]);
            try
            {
                using (HttpResponseMessage response = await client.SendAsync(request, cancelled))
                {
                    return ((int)response.StatusCode).ToString();
                }
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
                return "cancelled";
            }
        }
    }
}
