using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

/// <summary>
/// Saves a memory under each title that it reads, with the handler of examples/clients/Again.cs, and prints its id. It speaks the
/// protocol itself. With "post" it does what Post.cs says. Usage: Save URL
/// [post]
/// </summary>
internal static class Save
{
    private static HttpClient client;
    private static string url;
    private static int number;

    private static void Main(string[] arguments) => Run(arguments).GetAwaiter().GetResult();

    private static async Task Run(string[] arguments)
    {
        url = arguments[0];
        client = new HttpClient(new Again(new HttpClientHandler())) { Timeout = TimeSpan.FromMinutes(8) };
        if (arguments.Length > 1)
        {
            await Post.Run(client, url);
            return;
        }
        client.DefaultRequestHeaders.Add("Accept", "application/json, text/event-stream");
        string about = "\"clientInfo\":{\"name\":\"mcpist-again\",\"version\":\"1.0.0\"}";
        await Ask("initialize", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}," + about + "}");
        client.DefaultRequestHeaders.Add("MCP-Protocol-Version", "2025-11-25");
        await Send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        string tools = await Ask("tools/list", "{}");
        if (!tools.Contains("\"memory_save\"")) throw new InvalidOperationException(tools);
        for (string title = Console.ReadLine(); title != null; title = Console.ReadLine())
        {
            string memory = "{\"title\":\"" + title + "\",\"text\":\"Saved while something breaks\"}";
            string saved = await Ask("tools/call", "{\"name\":\"memory_save\",\"arguments\":" + memory + "}");
            Match id = Regex.Match(saved, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
            if (!id.Success || saved.Contains("\"error\"")) throw new InvalidOperationException(saved);
            Console.WriteLine(id.Value);
        }
    }

    private static Task<string> Ask(string method, string parameters) =>
        Send("{\"jsonrpc\":\"2.0\",\"id\":" + ++number + ",\"method\":\"" + method + "\",\"params\":" + parameters + "}");

    private static async Task<string> Send(string json)
    {
        using (var content = new StringContent(json, Encoding.UTF8, "application/json"))
        using (HttpResponseMessage response = await client.PostAsync(url, content))
        {
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "signed-in");
                return await Send(json);
            }
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }
    }
}
